"""The status page and the social account as other ends of the outbound's contract."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from bot.domain.outbound import NewJob, Sender
from bot.outbound.jobs import post, status_page
from bot.ways.social import Social
from tests.real import statuspage as real_page
from tests.real.outside import Faults
from tests.real.proxy import Proxy, proxy
from tests.real.social import Network, social
from tests.ways.jobs_at_hand import to_page

Trouble = Literal["busy", "refuse", "cut"]
Mark: TypeAlias = tuple[int, int]
BUSY, REFUSED = 429, 422
_MARK = re.compile(r"Text (\d+) (\d+)")


class _Behind:
    """What both share: a proxy before the server, so that nobody may be there, and failures of the server."""

    def __init__(self, way: Proxy, faults: Faults) -> None:
        self._way = way
        self._faults = faults

    def down(self) -> None:
        self._way.refuse()

    def up(self) -> None:
        self._way.passing()

    def fail(self, trouble: Trouble) -> None:
        if trouble == "cut":
            self._faults.next("cut", after=True)
        else:
            self._faults.next(status=BUSY if trouble == "busy" else REFUSED)


class StatusPageEnd(_Behind):
    """An incident of the plan is an entry; its first job makes it, the others update it."""

    tells: bool | None = True

    def __init__(self, page: real_page.StatusPage, way: Proxy) -> None:
        super().__init__(way, page.faults)
        self._page = page
        self.sender: Sender = to_page(page, {"DR_STATUSPAGE_API_URL": f"{way.url}/v1"}, read_s=2.0)

    def job(self, thread: int, number: int) -> NewJob:
        action = "create" if number == 1 else "update"
        return status_page(
            thread, action, f"outside:{thread}:{number}", "status page", f"Trouble {thread}",
            f"Text {thread} {number}", "investigating", "major", {},
        )  # fmt: skip

    def taken(self) -> list[Mark]:
        return _marks(self._page.taken)


class SocialEnd(_Behind):
    """Posts; those of a thread wait for each other."""

    tells: bool | None = None

    def __init__(self, network: Network, way: Proxy) -> None:
        super().__init__(way, network.faults)
        self._network = network
        address = network.mastodon_url.replace(network.url.rpartition(":")[2], str(way.port))
        self.sender: Sender = Social({"DR_SOCIAL_URL": address}, read_s=2.0)

    def job(self, thread: int, number: int) -> NewJob:
        return post(thread, f"outside:{thread}:{number}", "post", f"Text {thread} {number}")

    def taken(self) -> list[Mark]:
        return _marks(self._network.posts)


@contextlib.contextmanager
def status_page_end() -> Iterator[StatusPageEnd]:
    with real_page.status_page() as page, proxy(_address(page.url)) as way:
        page.limit(1_000_000, 60.0)
        yield StatusPageEnd(page, way)


@contextlib.contextmanager
def social_end() -> Iterator[SocialEnd]:
    with social() as network, proxy(_address(network.url)) as way:
        yield SocialEnd(network, way)


def _marks(texts: Iterable[str]) -> list[Mark]:
    return [(int(hit[1]), int(hit[2])) for text in texts if (hit := _MARK.fullmatch(text))]


def _address(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("http://").rpartition(":")
    return host, int(port)
