"""A memory brought back from a copy: what was open in it may have been sent since."""

from __future__ import annotations

from pathlib import Path

from bot.domain.outbound import JobState, Sent
from bot.self_dr import back_up
from bot.store import outbound as rows
from tests.outbound.fake import FakeEnd
from tests.self_dr.conftest import memories  # noqa: F401 - a fixture
from tests.self_dr.memories import Memories, both, bring_back
from tests.store.conftest import postgres_url  # noqa: F401 - a fixture


@both
def test_what_was_open_is_looked_for_before_it_is_sent(
    memories: Memories,  # noqa: F811 - the fixture
    tmp_path: Path,
    engine: str,
) -> None:
    end = FakeEnd()
    before = memories.open(memories.url(engine))
    asked = [end.job(1, number) for number in (1, 2)]

    def ask(number: int) -> None:
        before.store.write(lambda tx: rows.send_later(tx, asked[number]))

    ask(0)
    first = rows.job_of(before.store.read, "fake:1:1")
    assert first is not None
    before.store.write(lambda tx: rows.mark_done(tx, first, Sent("id", "taken")))
    ask(1)
    where = back_up(before.url, str(tmp_path / "copies"), {}).where
    url = memories.url(engine)
    bring_back(url, where)
    after = memories.open(url)
    states = [job.state for job in rows.jobs_of(after.store.read, 1)]
    assert states == [JobState.DONE, JobState.SENDING]
