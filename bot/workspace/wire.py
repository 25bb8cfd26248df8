"""The two words every part of the workspace shares: a JSON object and a refusal in Slack's vocabulary."""

from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
"""A JSON object in Slack's own shape. The workspace echoes what it was sent, so it stays untyped."""


class SlackError(Exception):
    """A refusal in Slack's vocabulary; `messages` name each fault by JSON pointer."""

    def __init__(self, code: str, messages: list[str] | None = None, **extra: object) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages or []
        self.extra = extra

    def body(self) -> Json:
        """The answer as Slack sends it."""
        body: Json = {"ok": False, "error": self.code, **self.extra}
        if self.messages:
            body["errors"] = self.messages
            body["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in self.messages]}
        return body
