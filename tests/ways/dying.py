"""A drbot that tells the status page, and is killed while it waits for the answer."""

from __future__ import annotations

import sys

from bot.domain.outbound import Way
from bot.outbound.service import Outbound
from bot.plan.models import DrPlan
from bot.store.opening import open_store
from bot.store.outbound import send_later
from bot.ways.statuspage import StatusPage
from tests.real.statuspage import KEY, PAGE_ID
from tests.ways.jobs_at_hand import creation


def main() -> None:
    store_url, page_url = sys.argv[1:]
    store = open_store(store_url)
    environment = {
        "STATUSPAGE_API_KEY": KEY,
        "STATUSPAGE_PAGE_ID": PAGE_ID,
        "DR_STATUSPAGE_API_URL": f"{page_url}/v1",
    }
    way = StatusPage(environment, read_s=60.0)
    outbound = Outbound(store, DrPlan(), {Way.STATUS_PAGE: way}, lambda: True)
    store.write(lambda tx: send_later(tx, creation("Logins fail.", "outside:7:1", 7)))
    outbound.lanes[Way.STATUS_PAGE].turn()


if __name__ == "__main__":
    main()
