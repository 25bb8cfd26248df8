"""Loading a gzipped plain dump into a shadow over two sessions, unpacked beside by a thread of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from actions.tools.dumps.lanes import lanes
from actions.tools.dumps.load import Loaded, Loader
from actions.tools.dumps.load_pace import Pace
from actions.tools.dumps.read_ahead import read_ahead
from actions.tools.dumps.unpack import gunzip
from actions.tools.postgres.server import Postgres, Session

LANES = 2
PIECES_AHEAD = 8
STATEMENT_TIMEOUT_S = 4 * 3600.0
LOAD_SETTINGS = {
    "synchronous_commit": "off",
    "maintenance_work_mem": "256MB",
    "max_parallel_maintenance_workers": "2",
}
"""Of the loading sessions only: nothing of the server is changed."""


def load_plain(
    shadow: Postgres,
    run: int,
    chunks: Iterator[bytes],
    server_major: int,
    make_extension: Callable[[str, str], None],
    pace: Pace,
) -> Loaded:
    """Load a gzipped plain dump as it comes, unpacked by a thread of its own. Raises as Loader does."""
    with contextlib.ExitStack() as stack:
        sessions = [stack.enter_context(_session(shadow, run)) for _ in range(LANES)]
        texts = stack.enter_context(contextlib.closing(read_ahead(gunzip(chunks), PIECES_AHEAD)))
        made = stack.enter_context(lanes(sessions))
        return Loader(made, server_major, make_extension, pace).load(texts)


@contextlib.contextmanager
def _session(shadow: Postgres, run: int) -> Iterator[Session]:
    with shadow.session(run, statement_timeout_s=STATEMENT_TIMEOUT_S) as session:
        for name, value in LOAD_SETTINGS.items():
            session.execute("SELECT set_config(%s, %s, false)", [name, value])
        yield session
