"""The catalogue of actions in Markdown, from what each says of itself: `actions NAME` and docs/actions.md.

`python -m bot.catalogue` writes the page (`make docs`); a test compares it with the registry.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from typing import NoReturn, cast

from actions.plan import AnyAction, Ending, Fault, Risk, Statement
from actions.registry import all_actions
from actions.tools.toolbox import Toolbox

Approvers = Callable[[Risk], str]
GENERAL: Mapping[Risk, str] = {
    Risk.LOOK: "nobody: it only looks, and runs at once",
    Risk.LOW: "whoever asks for it",
    Risk.HIGH: "somebody on call",
    Risk.DESTRUCTIVE: "a second person who may approve, typing the target's name",
}
# What an action's survey asks the toolbox for first is its family.
FAMILIES: Mapping[str, str] = {
    "services": "Services",
    "application": "Application",
    "heap_dumps": "Application",
    "postgres": "Database",
    "cluster": "Database",
    "backups": "Database",
    "cache": "Cache",
    "monitoring": "Monitoring",
    "hosts": "Hosts",
    "certificates": "Certificates",
    "secrets": "Secrets",
    "service_name": "Failover",
    "images": "Images",
    "": "Others",
}
FAULTS: Mapping[Fault, str] = {
    Fault.GONE: "what it speaks to does not answer",
    Fault.TIMEOUT: "what it speaks to answers too late",
    Fault.DENIED: "permission is denied",
    Fault.VANISHED: "the target is gone",
    Fault.CHANGED: "the target changed since the plan was shown",
    Fault.UNHEALTHY: "the health check never passes",
    Fault.PARTIAL: "one of several replicas fails",
}
WHEN = {"before": "before the first step", "during": "in the middle"}
TYPES = {"str": "text", "int": "whole number", "float": "number", "bool": "yes or no"}
INTRODUCTION = """# Actions

Everything that drbot can do to a system, made from the actions themselves by `make docs`; `dr actions NAME`
says the same in a shell or in Slack. Each is surveyed, planned and shown before anybody approves it. Looks
change nothing and run at once. Every other one has guards before, checks after, and a stated end for each
fault that can strike it, which the fault matrix (`tests/matrix`) makes happen; each is killed at every step
and ends proven, taken back, or with a person called.

| risk | what it means | who approves |
| --- | --- | --- |
| look | changes nothing | {look} |
| low | customers notice nothing | {low} |
| high | customers may notice | {high} |
| destructive | data can be lost | {destructive} |

The plan's `risks` name who may ask and who approves. The policies below hold what AWS must allow;
`{{bucket}}` and the like stand for the plan's own names."""


def page(actions: Iterable[AnyAction]) -> str:
    """The whole catalogue, by family, with a table of contents."""
    families: dict[str, list[AnyAction]] = {title: [] for title in FAMILIES.values()}
    for action in actions:
        families[family(action)].append(action)
    told = {title: members for title, members in families.items() if members}
    risks = {risk.value: who for risk, who in GENERAL.items()}
    parts = [INTRODUCTION.format(**risks), "\n".join(_contents(told))]
    for title, members in told.items():
        parts.append(f"## {title}")
        parts += [f"### {action.name}\n\n{entry(action, GENERAL.__getitem__)}" for action in members]
        statements = _merged(members)
        if statements:
            parts.append(f"### IAM policy: {title.lower()}\n\n{_code(policy(statements), 'json')}")
    return "\n\n".join(parts) + "\n"


def entry(action: AnyAction, approvers: Approvers) -> str:
    """One action wholly, without its name: what it does, who approves, how it ends, what it needs."""
    parts = [f"**{action.title}.** {action.description}", "\n".join(_nature(action, approvers))]
    parts.append("\n".join(_parameters(action)))
    if action.endings:
        parts.append("If something goes wrong:\n\n" + "\n".join(_endings(action.endings)))
    parts.append("It needs:\n\n" + "\n".join(f"- {_dot(said)}" for said in action.permissions))
    if action.iam:
        parts.append(f"In AWS:\n\n{_code(policy(action.iam), 'json')}")
    parts.append(_code(f"/dr {action.example}", "text"))
    return "\n\n".join(parts)


def family(action: AnyAction) -> str:
    """Database, services, …: by the first tool that its survey asks for."""
    try:
        action.survey(cast("Toolbox", _Asked()), action.read_params(_example(action)))
    except _Tool as tool:
        return FAMILIES.get(str(tool), FAMILIES[""])
    return FAMILIES[""]


def policy(statements: Sequence[Statement]) -> str:
    """An IAM policy document, ready to paste."""
    told = [
        {"Effect": "Allow", "Action": list(one.actions), "Resource": list(one.resources)}
        for one in statements
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": told}, indent=2)


class _Tool(BaseException):
    """The name of the tool that was asked for; no Exception, so that no survey takes it for an answer."""


class _Asked:
    """A toolbox that has no tool, and says which was wanted."""

    def __getattr__(self, name: str) -> NoReturn:
        raise _Tool(name)


def _contents(families: Mapping[str, Sequence[AnyAction]]) -> Iterator[str]:
    for title, members in families.items():
        yield f"- [{title}](#{title.lower()})"
        yield from (f"  - [{one.name}](#{one.name}) · {one.risk.value} · {one.title}" for one in members)


def _nature(action: AnyAction, approvers: Approvers) -> Iterator[str]:
    yield f"- Risk: {action.risk.value}; approved by {_dot(approvers(action.risk))}"
    if action.reach:
        yield f"- Reach: {_dot(action.reach)}"
    if action.environments:
        yield f"- Runs in {', '.join(action.environments)} only."
    if action.confirm_word:
        word = action.confirm_word(action.read_params(_example(action)))
        yield f"- Approving it means typing a word: `{word}` in the example."


def _parameters(action: AnyAction) -> Iterator[str]:
    yield "| parameter | what | unless given |"
    yield "| --- | --- | --- |"
    for one in fields(action.params):
        yield f"| `{one.name}` | {_type(str(one.type))} | {_default(one)} |"
    about = action.params.__doc__ or ""
    if about and not about.startswith(f"{action.params.__name__}("):  # a dataclass's own is no sentence
        yield f"\n{' '.join(about.split())}"


def _default(one: Field[object]) -> str:
    if one.default is MISSING:
        return "must be given" if one.default_factory is MISSING else "nothing"
    return f"`{one.default}`" if one.default not in ("", None) else "nothing"


def _type(said: str) -> str:
    return " or ".join(TYPES.get(word, word) for word in said.split(" | ") if word != "None")


def _endings(endings: Sequence[Ending]) -> Iterator[str]:
    yield "| what | when | the run ends | what is left |"
    yield "| --- | --- | --- | --- |"
    alike: dict[tuple[str, str, str], list[str]] = {}
    for one in endings:
        alike.setdefault((WHEN[one.when], one.state, _cell(one.then)), []).append(FAULTS[one.fault])
    for (when, state, left), faults in alike.items():
        yield f"| {'; '.join(faults)} | {when} | {state} | {left} |"


def _merged(members: Sequence[AnyAction]) -> tuple[Statement, ...]:
    return tuple(dict.fromkeys(statement for action in members for statement in action.iam))


def _example(action: AnyAction) -> Mapping[str, object]:
    """The parameters of the example: `run NAME environment=staging …`."""
    return dict(word.partition("=")[::2] for word in action.example.split()[2:])


def _cell(said: str) -> str:
    return " ".join(said.split()).replace("|", r"\|")


def _dot(said: str) -> str:
    return said if said.endswith((".", "!", "?")) else f"{said}."


def _code(text: str, language: str) -> str:
    return f"```{language}\n{text}\n```"


def main() -> None:
    """Write the page to standard output."""
    sys.stdout.write(page(all_actions().values()))


if __name__ == "__main__":
    main()
