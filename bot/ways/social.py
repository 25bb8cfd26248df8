"""The social account: one post at one address that apprise understands (X, Mastodon, Bluesky, …).

An address holds the account's keys, so apprise's own log goes nowhere, and its answers are told in words
of ours. What it cannot tell apart is Unknown: twice in public is worse than late.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping

from apprise import Apprise, AppriseAsset, NotifyFormat, OverflowMode
from apprise.plugins import NotifyBase
from apprise.plugins.twitter import NotifyTwitter, TwitterMessageMode

from bot.domain.outbound import Job, Later, Never, Sent, Unknown, Way
from bot.domain.post_length import POST_LETTERS, weighted_letters
from bot.ways.apprise_told import Told, told_by

URL = "DR_SOCIAL_URL"
CONNECT_S, READ_S, WHOLE_S = 3.0, 8.0, 15.0
LIMITED_S = 60.0

_log = logging.getLogger("apprise")
_log.setLevel(logging.DEBUG)  # its words say what its answer does not; they are read, and never shown
_log.propagate = False
_log.addHandler(logging.NullHandler())
for _chatty in ("oauthlib", "requests_oauthlib", "urllib3"):  # in detail they tell keys and addresses
    logging.getLogger(_chatty).setLevel(logging.INFO)


class Social:
    """Sends `post`. Each is tried once: neither apprise nor this repeats anything."""

    way = Way.SOCIAL

    def __init__(self, environment: Mapping[str, str], read_s: float = READ_S) -> None:
        self._url = environment.get(URL, "").strip()
        self._read_s = read_s

    def send(self, job: Job, remote: str) -> Sent:  # noqa: ARG002 - a post has no thread
        """Post it whole. Not safe to repeat, but for X, which refuses the same text twice."""
        text = job.payload.get("text")
        if job.action != "post" or not isinstance(text, str) or not text.strip():
            raise Never("the job holds no text to post")
        service = self._service()
        name = "X" if isinstance(service, NotifyTwitter) else str(service.service_name)
        _fits(text, service, name)
        account = Apprise(asset=service.asset)
        account.add(service)
        result = account.notify(body=text, body_format=NotifyFormat.TEXT, log_level=logging.DEBUG)
        return _judged(told_by(result, self._url), name, alone=len(service) == 1)

    def find(self, job: Job, remote: str) -> Sent | None:  # noqa: ARG002
        """Never known: apprise reads no timeline."""
        raise Unknown("drbot cannot read what the account shows")

    def _service(self) -> NotifyBase:
        if not self._url:
            raise Never(f"{URL} is not set; set it and start drbot again")
        asset = AppriseAsset(async_mode=False, service_timeout=WHOLE_S, default_service_retry=0)
        with warnings.catch_warnings():  # the first use loads every network that apprise knows
            warnings.simplefilter("ignore", DeprecationWarning)
            service = Apprise.instantiate(self._url, asset=asset)
        if service is None:
            raise Never(f"{URL} is no address that apprise understands, such as x://…?mode=tweet")
        if isinstance(service, NotifyTwitter) and service.mode != TwitterMessageMode.TWEET:
            raise Never(f"{URL} lacks mode=tweet: it would write a direct message, not a post")
        # whatever the address asks for: once, whole, and its failure is one
        service.retry, service.optional = 0, False
        service.overflow_mode = OverflowMode.UPSTREAM
        service.redirects = False
        service.socket_connect_timeout, service.socket_read_timeout = CONNECT_S, self._read_s
        return service


def _fits(text: str, service: NotifyBase, name: str) -> None:
    """Raises Never with the count where the network would cut or refuse it."""
    if isinstance(service, NotifyTwitter):
        letters, limit = weighted_letters(text), POST_LETTERS
    else:
        letters, limit = len(text), int(service.body_maxlen)
    if letters > limit:
        raise Never(f"the text has {letters:,} letters, {name} takes {limit:,}")


def _judged(told: Told, name: str, alone: bool) -> Sent:
    """What the attempt comes to. `alone`: the address names one account, so nothing was half done."""
    if told.taken:
        return Sent(told.link, f"posted on {name}" + (f": {told.link}" if told.link else ""))
    words = f" ({told.words})" if told.words else ""
    if not alone:
        raise Unknown(f"{URL} names several accounts on {name}, and some may show it")
    if told.unreached:
        raise Later(f"{name} was not told: it cannot be reached")
    if told.status == 429:
        raise Later(f"{name} takes no more posts for now (429){words}", LIMITED_S)
    if told.status == 503:
        raise Later(f"{name} is overloaded and takes nothing (503)")
    if 300 <= told.status < 500 and told.status != 408:
        raise Never(f"{name} refuses it: it answers {told.status}{words}")
    if told.status:
        raise Unknown(f"{name} answered {told.status}{words}, and may show the post all the same")
    raise Unknown(f"no answer came from {name}, and it may show the post")
