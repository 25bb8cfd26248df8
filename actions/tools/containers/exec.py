"""One command inside a running container, waited for in short calls.

It is started detached and asked about until it ends: reading along would wait on a socket that knows no time
limit. Source: Docker Engine API 1.41, exec.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import cast

from docker.errors import APIError, NotFound

from actions.failures import Refused, Transient
from actions.tools.containers.engine_calls import Engine, in_one_line, told
from actions.tools.containers.engine_json import Json

POLL_S = 0.05
_NOT_THERE = (126, 127)


def execute(engine: Engine, which: str, argv: Sequence[str], within_s: float) -> int:
    """Run `argv` in the container, no shell between, and wait for its end; its exit code.

    Raises Refused where the container does not run or has no such program, Transient where the engine does
    not answer or the command has not ended `within_s` (it goes on then).
    """
    with told("run a command in a container"):
        try:
            made = str(engine.api.exec_create(which, list(argv), stdout=False, stderr=False)["Id"])
            engine.api.exec_start(made, detach=True)
        except NotFound as error:
            raise Refused("the container is gone: nothing was run in it") from error
        except APIError as error:
            if error.status_code in (400, 409) or "not found" in in_one_line(error):
                raise Refused(f"it could not be run in the container: {in_one_line(error)}") from error
            raise
    code = _ended(engine, made, within_s)
    if code in _NOT_THERE:
        raise Refused(f"the container has no program {argv[0]} that may be run")
    return code


def _ended(engine: Engine, exec_id: str, within_s: float) -> int:
    deadline = time.monotonic() + within_s
    while True:
        with told("ask how a command in a container ended"):
            state = cast(Json, engine.api.exec_inspect(exec_id))
        code = state.get("ExitCode")
        if state.get("Running") is False and isinstance(code, int):
            return code
        if time.monotonic() > deadline:
            raise Transient(f"the command in the container did not end within {within_s:g} s; it goes on")
        time.sleep(POLL_S)
