"""`dr demo`: the world, the page, the storyline, and what to try yourself."""

from __future__ import annotations

import signal
import time
import webbrowser
from pathlib import Path

import requests
from rich.console import Console
from rich.markup import escape

from bot.demo.servers import CannotStart
from bot.demo.story import Tell, cast_of, play_story
from bot.demo.world import AlreadyRunning, World, running_world
from bot.workspace.wire import SlackError

FOLDER = Path("var/demo")
STOPPING = (signal.SIGINT, signal.SIGTERM)
BROKEN_OFF = (TimeoutError, LookupError, SlackError, requests.RequestException)
TRY = """[bold]{page}[/]   (you are Ana; switch people at the top right)

 1. Break it again:      [bold]curl -X POST {service}/demo/break[/]
    Then press [bold]End queries over 1 s[/] on the new card, switch to Bruno, and approve.
 2. In the composer:     [bold]/dr restore staging[/]   (Bruno types «staging» to approve)
 3. Take it back:        [bold]/dr undo RUN-…[/]   or the Undo button on the run's card
 4. Could you recover?   [bold]/dr status[/], or the wall: [bold]{bot}/status[/]
 5. Prove it:            [bold]/dr drill restore[/]   [bold]/dr certificate DRILL-1[/]
 6. Ask it:              [bold]/dr why INC-1[/]   [bold]/dr help[/]
 7. Who is told?         [bold]/dr oncall sev=1 at=03:00[/]   [bold]/dr handover INC-1[/]
 8. The week so far:     [bold]/dr digest of=now[/]
 9. From a shell:        [bold]. {folder}/env[/]   then   [bold]dr incidents[/]
    You are Ana there, too; [bold]DR_PERSON=bruno dr …[/] speaks as Bruno.
10. Pull the plug:       [bold]kill -9 {pid}[/]   during a restore.
    It is started again here, and finishes.

State is kept in [bold]{folder}[/]; Ctrl-C stops everything."""


def play(
    story: bool = True,
    open_page: bool = True,
    leave: bool = False,
    folder: Path = FOLDER,
    pause_s: float = 2.0,
) -> int:
    """Run the demo until Ctrl-C (or, with `leave`, until the story ends); the shell's exit code."""
    console = Console(highlight=False)
    for name in STOPPING:
        signal.signal(name, _stop)
    began = time.monotonic()

    def tell(line: str) -> None:
        console.print(f"[dim]{time.monotonic() - began:5.1f} s[/]  {line}")

    try:
        with running_world(folder, tell) as world:
            tell(f"The page is open: [bold]{world.page_url}[/]")
            if open_page:
                webbrowser.open(world.page_url)
            if story:
                _tell_story(world, tell, pause_s, leave)
            if not leave:
                _tell_what_to_try(console, world)
                _keep(world, tell)
    except KeyboardInterrupt:
        console.print("Stopped.")
    except AlreadyRunning as error:
        console.print(str(error))
        return 1
    except (CannotStart, *BROKEN_OFF) as error:
        console.print(f"[red]The demo stopped:[/] {escape(str(error))}\nThe logs are in {folder}.")
        return 1
    return 0


def _tell_story(world: World, tell: Tell, pause_s: float, must_end: bool) -> None:
    """Play it. Somebody at the page may press first: then the story gives way and the world goes on."""
    try:
        play_story(world, cast_of(world), tell, pause_s)
    except BROKEN_OFF as error:
        if must_end:
            raise
        tell(f"[yellow]The story stops here[/] ({escape(str(error))}); everything runs on, it is yours.")


def _tell_what_to_try(console: Console, world: World) -> None:
    """Between two rules and never broken here: a command is copied whole, however narrow the window."""
    here = Path.cwd()
    folder = world.folder.relative_to(here) if world.folder.is_relative_to(here) else world.folder
    said = TRY.format(
        page=world.page_url,
        service=world.service_url,
        bot=world.bot_url,
        pid=world.bot.process.pid,
        folder=folder,
    )
    console.rule("Now you", style="cyan")
    console.print(said, soft_wrap=True)
    console.rule(style="cyan")


def _stop(*_: object) -> None:
    """End wherever it is, and let nothing interrupt the tidying up."""
    for name in STOPPING:
        signal.signal(name, signal.SIG_IGN)
    raise KeyboardInterrupt


def _keep(world: World, tell: Tell) -> None:
    """Until somebody stops it: a bot that was killed is started again, as a supervisor would."""
    while True:
        time.sleep(0.5)
        if not world.bot.alive():
            tell("The bot died; starting it again …")
            world.restart_bot()
            tell(f"It is back (pid {world.bot.process.pid}) and goes on where it was.")
