"""A measurement that breaks, never ends or is too old: told, and never taken for how things stand."""

from __future__ import annotations

from bot.domain.standing import Light
from bot.metrics import Metrics
from bot.readiness import verdict
from bot.readiness.gauges import expose
from bot.readiness.kept import Readiness
from tests.readiness.conftest import Clock
from tests.readiness.measured import Slow, until


def beside(readiness: Readiness) -> list[tuple[Light, str]]:
    """What the board says of itself."""
    return [(one.light, one.why) for one in readiness.board(patience_s=0.0).watched if one.key == "board"]


def test_a_measurement_that_breaks_is_told_until_one_does_not(readiness: Readiness, slow: Slow) -> None:
    readiness.start()
    readiness.board()
    assert (readiness.trouble, beside(readiness)) == ("", [])
    slow.breaks = True
    readiness.board(now=True)
    said = "The board could not be measured (RuntimeError): see the bot's log"
    assert readiness.trouble == said
    assert beside(readiness) == [(Light.AMBER, said)]
    slow.breaks = False
    readiness.board(now=True)
    assert (readiness.trouble, beside(readiness)) == ("", [])


def test_what_was_well_too_long_ago_is_no_longer_called_well(
    readiness: Readiness, slow: Slow, clock: Clock
) -> None:
    readiness.start()
    readiness.board()
    slow.breaks = True
    clock.forward(hours=6)
    board = readiness.board(now=True)
    assert (board.worst, verdict(board)) == (Light.UNKNOWN, "Not measured since 03:12 UTC.")
    assert board.standings[0].why == "it was ready at 03:12 UTC: measurement 1"
    slow.breaks = False
    assert verdict(readiness.board(now=True)) == "Nothing would fail now (all 1 measured)."


def test_a_measurement_that_never_ends_is_told(readiness: Readiness, slow: Slow, clock: Clock) -> None:
    slow.gate.clear()
    readiness.start()
    until(lambda: slow.begun == 1)
    assert readiness.trouble == ""
    clock.forward(minutes=16)
    assert readiness.trouble == "No measurement has come to its end since 03:12 UTC"
    assert "drbot_component_light{" not in scraped(readiness)


def test_what_is_too_old_is_no_number_either(readiness: Readiness, clock: Clock) -> None:
    readiness.board()
    assert 'drbot_component_light{component="database"} 0.0' in scraped(readiness)
    clock.forward(minutes=16)
    assert "drbot_component_light{" not in scraped(readiness)


def scraped(readiness: Readiness) -> str:
    metrics = Metrics()
    expose(metrics, readiness)
    return metrics.text().decode()
