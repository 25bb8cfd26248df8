"""Prometheus' HTTP API v1: instant queries, targets, rules, its own health."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

import msgspec

from actions.failures import Refused, Transient
from actions.tools.http import Answer, Endpoint, ask, shown

SAMPLES_LIMIT = 10_000
SHOWN = 5
T = TypeVar("T")


@dataclass(frozen=True)
class Sample:
    """One value at one time (seconds since 1970)."""

    labels: Mapping[str, str]
    value: float
    at_s: float


class _Series(msgspec.Struct):
    value: tuple[float, str]
    metric: dict[str, str] = {}


class _Vector(msgspec.Struct, tag_field="resultType", tag="vector"):
    result: list[_Series]


class _Scalar(msgspec.Struct, tag_field="resultType", tag="scalar"):
    result: tuple[float, str]


class _Text(msgspec.Struct, tag_field="resultType", tag="string"):
    result: tuple[float, str]


class _Matrix(msgspec.Struct, tag_field="resultType", tag="matrix"):
    result: msgspec.Raw


class _Queried(msgspec.Struct):
    data: _Vector | _Scalar | _Text | _Matrix


class _Failed(msgspec.Struct):
    status: Literal["error"]
    error: str = ""


def query(endpoint: Endpoint, promql: str) -> tuple[Sample, ...]:
    """See Monitoring.query. Raises Refused with Prometheus' own words for an expression that is wrong."""
    answer = ask(
        endpoint, "/api/v1/query", {"query": promql, "timeout": f"{max(1, int(endpoint.timeout_s))}s"}
    )
    data = read(answer, _Queried, f"the query {shown(promql, 120)}").data
    if isinstance(data, _Vector):
        if len(data.result) > SAMPLES_LIMIT:
            raise Refused(f"the query {shown(promql, 120)} has {len(data.result)} samples: narrow it")
        return tuple(Sample(one.metric, float(one.value[1]), one.value[0]) for one in data.result)
    if isinstance(data, _Scalar):
        return (Sample({}, float(data.result[1]), data.result[0]),)
    kind = "text" if isinstance(data, _Text) else "a range of values"
    raise Refused(f"the query {shown(promql, 120)} gives {kind}: write one that gives a value now")


def value(endpoint: Endpoint, promql: str) -> float | None:
    """See Monitoring.value."""
    found = query(endpoint, promql)
    if len(found) > 1:
        named = "; ".join(labels_text(one.labels) for one in found[:SHOWN])
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        raise Refused(
            f"the query {shown(promql, 120)} gives {len(found)} values where one is wanted: {named}{more}."
            " Add a matcher, or sum() or max() it"
        )
    return None if not found or math.isnan(found[0].value) else found[0].value


def labels_text(labels: Mapping[str, str]) -> str:
    """`up{job="api"}`, bounded."""
    inside = ", ".join(f'{name}="{text}"' for name, text in sorted(labels.items()) if name != "__name__")
    return shown(f"{labels.get('__name__', '')}{{{inside}}}", 160)


def read(answer: Answer, shape: type[T], what: str) -> T:
    """A successful answer's data. Raises Refused where Prometheus calls the request wrong, else Transient."""
    if answer.ok:
        return answer.read(shape)
    said = _error_of(answer)
    if answer.status in (400, 404, 405, 422):
        raise Refused(f"{answer.endpoint.place} refuses {what}: {said}")
    raise Transient(f"{answer.endpoint.place} could not answer {what} ({answer.status}): {said}")


def _error_of(answer: Answer) -> str:
    try:
        return shown(msgspec.json.decode(answer.body, type=_Failed).error) or f"status {answer.status}"
    except msgspec.MsgspecError:
        return f"status {answer.status}, {answer.text or 'no words'}"
