"""Pydantic's findings as sentences for the person who wrote the file: where, what, and what to write."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from bot.plan.source import Path, Source, say_path
from bot.plan.yaml_tree import Fault

_LONGEST = 80


def fault_of(error: ErrorDetails, model: type[BaseModel], source: Source) -> Fault:
    """One finding with the line of the nearest path that the file has."""
    path: Path = tuple(part for part in error["loc"] if part != "[key]")
    while path and path not in source.lines and not _is_new_key(error):
        path = path[:-1]  # loc also names branches of a union, which no file has
    return Fault(source.line(*path), say_path(path), _sentence(error, path, model))


def _is_new_key(error: ErrorDetails) -> bool:
    return error["type"] in ("missing", "extra_forbidden")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean “x”?`, or what could be said instead."""
    choices = sorted(known)
    close = get_close_matches(word[:_LONGEST], choices, n=1, cutoff=0.6)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f"; it knows {', '.join(choices)}" if choices else ""


def _sentence(error: ErrorDetails, path: Path, model: type[BaseModel]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    last = str(path[-1]) if path else ""
    if kind == "missing":
        return f"{last!r} is missing"
    if kind == "extra_forbidden":
        holder = _model_at(model, path[:-1])
        known = set(holder.model_fields) if holder else set()
        return f"no key {last[:_LONGEST]!r} is known here{did_you_mean(last, known)}"
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    if kind == "literal_error":
        return f"{_shown(error['input'])} is not one of {context.get('expected', 'the known words')}"
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        return f"this must be “key: value” lines, not {_shown(error['input'])}"
    if kind in ("tuple_type", "list_type"):
        return f"this must be a list, not {_shown(error['input'])}"
    if kind == "string_type":
        return f"this must be a text, not {_shown(error['input'])}"
    if kind.startswith("bool"):
        return f"{_shown(error['input'])} is neither true nor false"
    return f"{error['msg'][:1].lower()}{error['msg'][1:]}: {_shown(error['input'])}"


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else repr(str(value)[:_LONGEST])


def _model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """The model that a path leads to; lists, mappings, unions and annotations are looked through."""
    here: Any = model
    for part in path:
        owner = _one_model(here)
        if owner is not None and isinstance(part, str) and part in owner.model_fields:
            here = owner.model_fields[part].annotation
        else:
            inner = [one for one in get_args(here) if _one_model(one) is not None]
            here = inner[0] if inner else None
    return _one_model(here)


def _one_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_one_model(one) for one in get_args(annotation))
    return next((one for one in found if one is not None), None)
