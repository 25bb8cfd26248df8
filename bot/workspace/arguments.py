"""The arguments of a Web API call, whichever of Slack's three encodings they came in."""

import json
from typing import Any

from starlette.requests import Request

from bot.workspace.forms import read_multipart, read_urlencoded
from bot.workspace.wire import Json, SlackError

MAX_BODY_BYTES = 2_000_000


class Arguments:
    """Typed reading of what was sent; forms carry lists comma-joined, objects as JSON, flags as `1`."""

    def __init__(self, values: Json) -> None:
        self._values = {name: value for name, value in values.items() if value is not None}

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str, default: str = "") -> str:
        """A string; numbers are written out."""
        value = self._values.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def needed(self, name: str, code: str = "invalid_arguments") -> str:
        """A string that must be there. Raises `code`, naming the argument."""
        value = self.text(name)
        if not value:
            raise SlackError(code, [f"missing required field: {name} [json-pointer:/{name}]"])
        return value

    def number(self, name: str, default: int, most: int) -> int:
        """A whole number between 1 and `most`. Raises `invalid_limit`-like `invalid_arguments`."""
        try:
            value = int(self._values.get(name, default))
        except (TypeError, ValueError) as wrong:
            raise SlackError("invalid_arguments", [f"must be an integer [json-pointer:/{name}]"]) from wrong
        return max(1, min(value, most)) if value else default

    def flag(self, name: str, default: bool = False) -> bool:
        """A yes or no."""
        value = self._values.get(name, default)
        return value.lower() in ("1", "true", "yes") if isinstance(value, str) else bool(value)

    def names(self, name: str) -> list[str]:
        """A list of ids, comma-joined or as an array."""
        value = self._values.get(name, "")
        if isinstance(value, list):
            return [str(item) for item in value]
        return [part.strip() for part in str(value).split(",") if part.strip()]

    def structure(self, name: str, code: str = "invalid_json") -> Any:
        """An object or array, sent as such or as JSON text; None when absent. Raises `code` otherwise."""
        value = self._values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError as wrong:
            raise SlackError(code) from wrong


async def read_arguments(request: Request) -> tuple[Arguments, str]:
    """Read a call's arguments and its token.

    Raises `SlackError`: `invalid_json`, `json_not_object`, `invalid_form_data`, `request_too_large`.
    """
    if int(request.headers.get("content-length") or 0) > MAX_BODY_BYTES:
        raise SlackError("request_too_large")
    values: Json = {
        **request.query_params,
        **_read_body(request.headers.get("content-type", ""), await request.body()),
    }
    bearer = request.headers.get("authorization", "")
    token = bearer[7:].strip() if bearer.lower().startswith("bearer ") else str(values.pop("token", ""))
    return Arguments(values), token


def _read_body(content_type: str, body: bytes) -> Json:
    kind = content_type.split(";")[0].strip().lower()
    try:
        if kind == "application/json":
            return _read_json(body)
        if kind == "application/x-www-form-urlencoded":
            return dict(read_urlencoded(body))
        if kind == "multipart/form-data":
            return dict(read_multipart(content_type, body)[0])
    except ValueError as wrong:
        raise SlackError("invalid_form_data") from wrong
    return {}


def _read_json(body: bytes) -> Json:
    if not body.strip():
        return {}
    try:
        values = json.loads(body)
    except ValueError as wrong:
        raise SlackError("invalid_json") from wrong
    if not isinstance(values, dict):
        raise SlackError("json_not_object")
    return values
