"""That nothing was changed is said once, whoever says it."""

from __future__ import annotations

import pytest

from bot.engine.ledger import Mark
from bot.engine.life import _not_begun
from bot.engine.phase import Done


@pytest.mark.parametrize(
    "said", ["it is another one: nothing was changed; choose again", "It is another one."]
)
def test_it_is_said_once(said: str) -> None:
    end = _not_begun(Mark("before", 0, "Check the target"), Done("refused", said, clean=True))
    assert end.said.lower().count("nothing was changed") == 1
