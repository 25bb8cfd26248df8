"""Nothing that a person said is left out in silence: what a verb does not take is refused, by its name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from bot.commands.grammar import Mark, Words, take_apart
from bot.commands.shape import Shape, misspelt, shape_of, to_say
from bot.commands.verbs import Verb
from bot.domain.answer import UsageError

_VERBATIM = "text"
_REF = re.compile(r"(?i)([A-Z]+)-?[0-9]+")


def check(verb: Verb, words: Words, verbs: Mapping[str, Verb]) -> None:
    """Raise UsageError naming the first word or option that the verb does not take, and what was meant."""
    shape = shape_of(verb)
    if shape.open:
        return
    if _VERBATIM in shape.options:
        words = take_apart(words.line.partition(f" {_VERBATIM}=")[0])
    length = len(verb.name.split())
    if shape.text_at is None:
        _check_options(verb, shape, words, words.marks)
        _check_words(verb, shape, words, length, verbs)
        return
    needed = length + shape.text_at
    begins = words.ends[needed - 1] if len(words.ends) >= needed else len(words.line)
    _check_options(verb, shape, words, [mark for mark in words.marks if mark.begin < begins])
    _check_around_text(verb, shape, words, needed)


def _check_options(verb: Verb, shape: Shape, words: Words, marks: tuple[Mark, ...] | list[Mark]) -> None:
    for mark in marks:
        if mark.name not in shape.options:
            near = misspelt(mark.name, list(shape.options))
            raise _no(verb, words, f"`{verb.name}` takes no {mark.name}=", f"{near}=" if near else "")


def _check_around_text(verb: Verb, shape: Shape, words: Words, needed: int) -> None:
    """Before and behind the text a `word=` is a slip of the finger where it is near to an option.

    Anywhere else, and where it is near to none, it is a word of the text.
    """
    if len(words.plain) > needed and words.plain[needed] == "--":
        return
    first = words.ends[needed] if len(words.ends) > needed else len(words.line)
    around = [mark for mark in words.marks if words.ends[needed - 1] <= mark.begin < first]
    if shape.ends_in_options:
        around += [mark for mark in words.marks if mark.begin >= words.ends[-1]]
    for mark in around:
        near = misspelt(mark.name, list(shape.options)) if mark.name not in shape.options else ""
        if near:
            said = f"{mark.name}= is no option of `{verb.name}`"
            raise _no(verb, words, said, f"{near}=", " If it is a word of the text, put it in quotes.")


def _check_words(verb: Verb, shape: Shape, words: Words, length: int, verbs: Mapping[str, Verb]) -> None:
    if shape.words is None or len(words.plain) <= length + shape.words:
        return
    at = length + shape.words
    extra = words.plain[at][:60]
    cut = next((one for one in words.marks if words.ends[at - 1] <= one.begin < words.ends[at]), None)
    if cut is not None:
        said = f'{extra!r} is not part of {cut.name}=: put several words in quotes, {cut.name}="two words"'
        raise UsageError(f"{said}. Nothing was done")
    first = words.plain[length]
    if shape.words and _kind(extra) and _kind(extra) == _kind(first):
        once = f"`{verb.name} {first[:60]}`, then `{verb.name} {extra}`"
        raise UsageError(f"`{verb.name}` takes one at a time, and nothing was done. Say {once}")
    meant = _verb_meant(verb, words, verbs) or _option_meant(shape, extra)
    raise _no(verb, words, f"`{verb.name}` does not take {extra!r}", meant)


def _no(verb: Verb, words: Words, said: str, meant: str, more: str = "") -> UsageError:
    helps = f"Did you mean `{meant}`?" if meant else f"Say `{to_say(verb, words)}`"
    return UsageError(f"{said}, and nothing was done. {helps}{more}")


def _kind(text: str) -> str:
    """`INC` of `INC-7`, '' of what is no reference."""
    found = _REF.fullmatch(text)
    return found[1].upper() if found else ""


def _verb_meant(verb: Verb, words: Words, verbs: Mapping[str, Verb]) -> str:
    """`outbound retry` for `outbound retyr`, `incident INC-7` for `incidents INC-7`."""
    rest = words.plain[len(verb.name.split()) :]
    seconds = [name.partition(" ")[2] for name in verbs if name.startswith(f"{verb.name} ")]
    near = difflib.get_close_matches(rest[0].lower(), seconds, n=1)
    if near:
        return " ".join((verb.name, near[0], *rest[1:]))[:120]
    one = verb.name.removesuffix("s")
    return " ".join((one, *rest))[:120] if one != verb.name and one in verbs else ""


def _option_meant(shape: Shape, extra: str) -> str:
    """`sev=1` for a bare `1` where the usage has `sev=2`, `now=yes` for a bare `now`."""
    for name, example in shape.options.items():
        if extra.lower() == name and example:
            return f"{name}={example.split('|')[0]}"
        if extra.lower() in example.split("|") or _form(extra) == _form(example):
            return f"{name}={extra}"
    return ""


def _form(text: str) -> str:
    return re.sub(r"[0-9]", "0", text)
