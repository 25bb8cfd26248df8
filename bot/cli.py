"""`dr`: every verb of the console, and what only a shell can do."""

from __future__ import annotations

import difflib
import getpass
import json
import os
import sys
from pathlib import Path
from typing import NoReturn

import click
import requests
from click.shell_completion import CompletionItem

from bot.domain.answer import Answer, Exit, UsageError
from bot.domain.person import Person
from bot.settings import Settings, read_settings
from bot.terminal import print_answer

SIMULATE_TIMEOUT_S = 10.0


class DrGroup(click.Group):
    """Commands that are written here, and one for the first word of every verb."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*super().list_commands(ctx), *(name.split()[0] for name in _verbs())})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        cmd_name = cmd_name.lower()  # as Slack reads it
        written = super().get_command(ctx, cmd_name)
        if written is not None:
            return written
        return _verb_command(cmd_name) if any(name.split()[0] == cmd_name for name in _verbs()) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if self.get_command(ctx, args[0]) is None:
            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=1)
            hint = f"did you mean `dr {near[0]}`?" if near else "`dr help` lists what can be said"
            ctx.fail(f"there is no verb {args[0][:40]!r}: {hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=DrGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="drbot", prog_name="dr")
def main() -> None:
    """drbot: incidents, guarded runbooks and rehearsed disaster recovery."""


@main.command()
def serve() -> None:
    """Run the bot: webhooks, Slack, engine."""
    from bot.app import serve as run_bot

    run_bot(read_settings())


@main.command()
@click.option("--listen", default="127.0.0.1:8090", show_default=True)
@click.option("--seed", type=click.Path(path_type=Path), help="people, channels and commands, as JSON")
@click.option("--state", type=click.Path(path_type=Path), help="keep channels and messages in this file")
def workspace(listen: str, seed: Path | None, state: Path | None) -> None:
    """Run the local Slack-compatible workspace alone; prints the tokens and DR_SLACK_API_URL."""
    from bot.workspace.server import serve_workspace

    try:
        serve_workspace(listen, seed, state)
    except (ValueError, OSError) as error:
        _end(Answer(f"The workspace cannot start: {error}", exit=Exit.USAGE))


@main.command()
@click.option("--story/--no-story", default=True, help="play the storyline once")
@click.option("--open/--no-open", "open_page", default=True, help="open the page in a browser")
@click.option("--leave", is_flag=True, help="end when the storyline has ended")
def demo(story: bool, open_page: bool, leave: bool) -> None:
    """Start the laptop-size world: databases, S3, a service, the bot, the workspace."""
    from bot.demo.play import play

    sys.exit(play(story=story, open_page=open_page, leave=leave))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def simulate(file: Path) -> None:
    """Post a webhook body (Alertmanager's, PagerDuty's) to a running bot."""
    from bot.sources.pagerduty import sign

    settings = read_settings()
    body = _read(file)
    is_pagerduty = b'"event_type"' in body
    headers = {"Content-Type": "application/json"}
    if is_pagerduty and settings.pagerduty_webhook_secret:
        headers["X-PagerDuty-Signature"] = "v1=" + sign(body, settings.pagerduty_webhook_secret)
    elif settings.webhook_token:
        headers["Authorization"] = f"Bearer {settings.webhook_token}"
    url = f"http://{settings.listen}/webhooks/{'pagerduty' if is_pagerduty else 'alertmanager'}"
    try:
        answer = requests.post(url, data=body, headers=headers, timeout=SIMULATE_TIMEOUT_S)
    except requests.RequestException:
        _end(Answer(f"No bot answers at {settings.listen}: start one with `dr serve`.", exit=Exit.FAILED))
    done = Exit.DONE if answer.ok else Exit.FAILED
    _end(Answer(f"The bot answered {answer.status_code}.", (answer.text.strip()[:2000],), exit=done))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--at-least", type=float, default=0.0, help="exit 1 below this agreement in percent")
@click.option("--json", "as_json", is_flag=True)
def replay(file: Path, at_least: float, as_json: bool) -> None:
    """What the rules say of these alerts, and how far that agrees with their labels."""
    from bot.house import VOCABULARY
    from bot.plan.load import PlanFaults, load_plan
    from bot.triage import Triage, VocabularyFault, load_vocabulary, read_cases
    from bot.triage import replay as judge_all
    from bot.triage.telling import replay_answer, replay_json

    try:
        cases = read_cases(_read(file))
        triage = Triage(load_plan(read_settings().plan), load_vocabulary(VOCABULARY))
    except (ValueError, PlanFaults, VocabularyFault) as error:
        _end(Answer(f"{file}: {error}", exit=Exit.USAGE))
    judged = judge_all(cases, triage)
    answer = replay_answer(judged, at_least)
    if as_json:
        sys.stdout.write(replay_json(judged) + "\n")
        sys.exit(answer.exit)
    _end(answer)


@main.group("self")
def own() -> None:
    """drbot's own memory: copy it elsewhere, bring it back from a copy."""


@own.command("backup")
@click.argument("to")
@click.option("--json", "as_json", is_flag=True)
def self_backup(to: str, as_json: bool) -> None:
    """Copy the bot's memory, while it works, into a folder or to s3://bucket/prefix/."""
    from bot.self_dr.shell import backup_answer

    answer = backup_answer(read_settings(), to)
    print_answer(answer, as_json)
    sys.exit(answer.exit)


@own.command("restore")
@click.argument("source", metavar="FROM")
@click.argument("words", nargs=-1, metavar="[replace=yes]")
@click.option("--json", "as_json", is_flag=True)
def self_restore(source: str, words: tuple[str, ...], as_json: bool) -> None:
    """Bring the memory back from a copy, or from the newest copy of a place. No bot may run meanwhile."""
    from bot.self_dr.shell import restore_answer

    answer = restore_answer(read_settings(), source, words, _login())
    print_answer(answer, as_json)
    sys.exit(answer.exit)


@main.command()
def manifest() -> None:
    """The Slack app manifest to paste."""
    from bot.slack.manifest import manifest as make

    sys.stdout.write(json.dumps(make(), indent=2) + "\n")


def _verbs() -> list[str]:
    from bot.commands.verbs import all_verbs

    return list(all_verbs())


def _verb_command(first: str) -> click.Command:
    from bot.commands.verbs import all_verbs

    matching = [one for name, one in all_verbs().items() if name.split()[0] == first]

    @click.command(
        first,
        help="\n\n".join(f"{one.usage}: {one.help}" for one in matching),
        context_settings={"ignore_unknown_options": True},
    )
    @click.option("--json", "as_json", is_flag=True, help="answer as JSON")
    @click.option("--as", "as_person", default="", help="who you are in the plan (default: DR_PERSON, login)")
    @click.argument("words", nargs=-1, type=click.UNPROCESSED, shell_complete=_complete)
    def say(words: tuple[str, ...], as_json: bool, as_person: str) -> None:
        answer = _say(first, words, as_person)
        print_answer(answer, as_json)
        sys.exit(answer.exit)

    return say


def _say(first: str, words: tuple[str, ...], as_person: str) -> Answer:
    from bot.app import shell

    settings = read_settings()
    transcript = next((word.partition("=")[2] for word in words if word.startswith("transcript=")), "")
    if first == "report" and transcript:
        from bot.findings import report_from_transcript
        from bot.report import render

        try:
            document = render(report_from_transcript(_read(Path(transcript))))
        except UsageError as error:
            return Answer(str(error), exit=Exit.USAGE)
        return Answer("The draft.", document=document, data={"markdown": document})
    if [first, *words[:1]] == ["plan", "check"] and (broken := _broken_plan(settings)):
        return broken
    line = " ".join(map(_as_typed, (first, *words)))
    try:
        with shell(settings) as house:
            return house.say(line, shell_person(settings, house.people(), as_person))
    except UsageError as error:
        return Answer(str(error), exit=Exit.USAGE)


def _as_typed(word: str) -> str:
    """A shell's word as the console reads it: the shell took the quotes from `note="two words"`."""
    key, mark, value = word.partition("=")
    return f'{key}="{value}"' if mark and " " in value and key.isidentifier() else word


def _broken_plan(settings: Settings) -> Answer | None:
    """The faults of a plan that nothing can be started with, as the check itself would tell them."""
    from bot.commands.plan import findings_answer
    from bot.plan.load import PlanFaults, load_plan

    try:
        load_plan(settings.plan)
    except PlanFaults as broken:
        return findings_answer([("fault", one.line, one.path, one.message) for one in broken.faults])
    return None


def shell_person(settings: Settings, people: dict[str, Person], as_person: str) -> Person:
    """Whoever has this shell: named by --as, DR_PERSON or the login; a stranger where the plan has none."""
    name = as_person or settings.environment.get("DR_PERSON") or _login()
    return people.get(name) or Person(name, name, known=False)


def _login() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    del param
    from bot.commands.verbs import all_verbs

    first = ctx.info_name or ""
    words = {word for name in all_verbs() for word in name.split()[1:] if name.split()[0] == first}
    return [CompletionItem(word) for word in sorted(words) if word.startswith(incomplete)]


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        _end(Answer(f"{file} cannot be read: {error.strerror}.", exit=Exit.USAGE))


def _end(answer: Answer) -> NoReturn:
    print_answer(answer)
    sys.exit(answer.exit)


if __name__ == "__main__":
    main()
