"""An outbound that dies by SIGKILL at a mark: `python -m tests.outbound.dying STORE SMTP ROOT AT DOUBT`.

The marks are around what it does with a letter: beginning it, handing it over, storing its end. `AT` beyond
the last one lives until every letter has ended; the marks passed are in ROOT/passed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bot.domain.outbound import Way
from bot.outbound.jobs import mail
from bot.outbound.record import Record
from bot.outbound.service import Outbound
from bot.store import incidents
from bot.store.database import Tx
from bot.store.opening import open_store
from bot.store.outbound import count_open, send_later
from bot.ways.mail import Mail
from tests.outbound.conftest import BLANK, PLAN
from tests.real.processes import wait_for
from tests.schedules.dying import Killer

LETTERS = ("first", "second")


def live(url: str, smtp: str, root: Path, at: int, doubt: str) -> None:
    """Send both letters from wherever an earlier life was."""
    killer = Killer(root, at)
    killer.around(Record, "begin")
    killer.around(Mail, "send")
    killer.around(Record, "done")
    store = open_store(url)

    def ask(tx: Tx) -> None:
        if incidents.find(tx, 1) is None:
            incidents.save(tx, BLANK, tx.now)
        for name in LETTERS:
            letter = mail(
                name, ["ana@example.org"], name, "Hello.\n", name, 1, "ask" if doubt == "ask" else "again"
            )
            send_later(tx, letter)

    store.write(ask)
    outbound = Outbound(store, PLAN, {Way.MAIL: Mail(smtp, "drbot@salon.example")}, lambda: True)
    outbound.start()
    wait_for("every letter", lambda: not count_open(store.read, Way.MAIL), 40)
    outbound.stop()
    store.close()


if __name__ == "__main__":
    live(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
