"""Setting the stage, letting a process die in a run, and judging what the next one makes of it."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from actions.plan import AnyAction, Risk
from tests.matrix.jobs import MOMENTS, Job, Kill, Moment, Told
from tests.matrix.stage import Rig, Servers, Stage
from tests.matrix.verdict import Case, judged
from tests.matrix.zygote import Zygote

AROUND = ("begins", "unrecorded")
_numbers = itertools.count(1)


class Killer:
    """Kills runs of one action after the other; remembers how an undisturbed run of each goes."""

    def __init__(self, zygote: Zygote, servers: Servers, root: Path) -> None:
        self._zygote = zygote
        self._servers = servers
        self._root = root
        self._walks: dict[tuple[str, bool], Told] = {}
        self._empty: Path | None = None

    def walk(self, action: AnyAction, rig: Rig, back: bool = False) -> Told:
        """The run undisturbed (with its way back): it must end verified, its effect once (or taken back)."""
        key = (action.name, back)
        if key not in self._walks:
            case, told = self._walked(action, rig, back)
            if case.wrong or told.state != "verified":
                raise AssertionError(
                    f"{action.name} does not even run undisturbed{' and back' if back else ''}:"
                    f" {told.state} ({told.refusal or told.outcome}); {case.wrong}"
                )
            self._walks[key] = told
        return self._walks[key]

    def _walked(self, action: AnyAction, rig: Rig, back: bool) -> tuple[Case, Told]:
        with rig(self._servers) as stage:
            job = self.job(action, stage, "back" if back else "live")
            told = self._zygote.lived(job)
            wrong, note, effects = judged(stage, told, action.risk is not Risk.LOOK, back)
        self.forget(job)
        return Case("undisturbed", told.state, wrong, effects, len(told.locks), 0, note), told

    def case(self, action: AnyAction, rig: Rig, kill: Kill, back: bool = False) -> Case:
        """Die there, restart, and judge the end."""
        began = time.monotonic()
        with rig(self._servers) as stage:
            job = replace(self.job(action, stage, "back" if back else "live"), kill=kill)
            if not self._zygote.died(job):
                told = Told(state="never reached")
                wrong = "the process was not killed: the run took another way than the undisturbed one"
                note, effects = "", stage.effects()
            else:
                told = self._zygote.lived(replace(job, task="resume", kill=None))
                wrong, note, effects = judged(stage, told, action.risk is not Risk.LOOK, back)
        self.forget(job)
        took_s = time.monotonic() - began
        return Case(str(kill), told.state, wrong, effects, len(told.locks), took_s, note)

    def cases(self, action: AnyAction, rig: Rig, kills: Sequence[Kill], back: bool = False) -> list[Case]:
        """A case for each kill: those around phases fall on one run in turn, every other on its own run."""
        done: list[Case] = []
        for moment in MOMENTS:
            here = [kill for kill in kills if kill.moment == moment]
            if moment in AROUND and here:
                done += self._in_turn(action, rig, here, back)
            else:
                done += [self.case(action, rig, kill, back) for kill in here]
        return done

    def _in_turn(self, action: AnyAction, rig: Rig, kills: Sequence[Kill], back: bool) -> list[Case]:
        """One run, killed in each life a phase later than in the one before.

        Where its end is wrong, every kill is done again on a run of its own, to name the one that does it.
        """
        began = time.monotonic()
        with rig(self._servers) as stage:
            job = self.job(action, stage, "back" if back else "live")
            lives = (
                replace(job, kill=kill, task="resume" if number else job.task)
                for number, kill in enumerate(kills)
            )
            missed = next((life.kill for life in lives if not self._zygote.died(life)), None)
            told = self._zygote.lived(replace(job, task="resume", kill=None))
            wrong, note, effects = judged(stage, told, action.risk is not Risk.LOOK, back)
            wrong = wrong or (f"after kills before it, {missed} was never reached" if missed else "")
        self.forget(job)
        if wrong:
            alone = [self.case(action, rig, kill, back) for kill in kills]
            if any(case.wrong for case in alone):
                return alone
        each_s = (time.monotonic() - began) / len(kills)
        return [Case(str(kill), told.state, wrong, effects, len(told.locks), each_s, note) for kill in kills]

    def job(self, action: AnyAction, stage: Stage, task: str) -> Job:
        """A job in a fresh directory whose store is there already."""
        home = self._root / f"{next(_numbers)}"
        shutil.copytree(self._template(), home)
        return Job(
            task,  # type: ignore[arg-type]  # one of its words
            str(home),
            action.name,
            stage.params,
            stage.sections,
            stage.variables,
        )

    def forget(self, job: Job) -> None:
        shutil.rmtree(job.home, ignore_errors=True)

    def _template(self) -> Path:
        if self._empty is None:
            self._empty = Path(tempfile.mkdtemp(dir=self._root))
            self._zygote.lived(Job("resume", str(self._empty)))
        return self._empty


def kills(walk: Told, moment: Moment, back: bool = False) -> Iterator[Kill]:
    """Every place of the walk that has this moment; a single call is its last one.

    Guards and checks change nothing: they are killed around, and steps inside as well.
    """
    for place, calls in walk.calls.items():
        inside = place.startswith(("steps", "undo"))
        if place.startswith("undo") is not back or (moment.endswith("call") and not inside):
            continue
        if moment == "middle call":
            if calls > 1:
                yield Kill(place, moment, (calls + 1) // 2)
        elif moment == "last call":
            if calls:
                yield Kill(place, moment, calls)
        else:
            yield Kill(place, moment)


def middle(walk: Told) -> Sequence[Kill]:
    """One kill in the middle of a run that only looks."""
    places = list(walk.calls)
    place = places[len(places) // 2]
    calls = walk.calls[place]
    return [Kill(place, "middle call", (calls + 1) // 2) if calls else Kill(place, "unrecorded")]


def way_back(walk: Told) -> Iterator[Kill]:
    for moment in MOMENTS:
        yield from kills(walk, moment, back=True)
