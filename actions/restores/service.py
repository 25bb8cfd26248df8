"""The service that uses a restored database: is it as well after the swap as it was before?"""

from __future__ import annotations

import time

from actions.failures import NotVerified, Refused
from actions.plan import Context, Evidence
from actions.restores.facts import RestoreFacts, ServiceFacts
from actions.restores.run import Restore
from actions.tools.dns.probing import Probed, probe
from actions.tools.endpoint import shown
from actions.tools.postgres.server import Postgres

WITHIN_S = 60.0
"""A pool of connections that were cut has new ones by then."""
EVERY_S = 2.0
ASKED_S = 5.0
STOPPED = "where customers are served it is stopped during a restore: start it, then look"


def seen_service(server: Postgres) -> ServiceFacts:
    """How it is now, asked once; that it does not answer speaks against nothing."""
    if not server.health:
        return ServiceFacts()
    answered = _asked(server.health)
    return ServiceFacts(server.health, answered.healthy, answered.said)


def of_service(facts: RestoreFacts) -> str:
    """What is asked, as people read it."""
    return shown(facts.service.url, 80)


def check_service(restore: Restore, context: Context) -> Evidence:
    """Check: it is well, or was not well before either (amber).

    Raises NotVerified where it was well, is not after a minute, and no customers are served: the swap did it,
    so the swap is taken back. Where customers are, a person decides: the data is what was asked for.
    """
    facts, name = restore.facts, of_service(restore.facts)
    patient = facts.service.healthy
    answered = _in_time(facts.service.url, context) if patient else _asked(facts.service.url)
    if answered.healthy:
        return Evidence(f"{name} {answered.said}, on the restored database")
    if restore.server(context).serves_customers:
        return Evidence(f"{name} {answered.said}: it is not well yet; {STOPPED}", light="amber")
    if not patient:
        return Evidence(f"{name} {answered.said}; before the restore it {facts.service.said}", light="amber")
    raise NotVerified(
        f"{name} was well before the swap, and {WITHIN_S:.0f} s after it {answered.said}: it does not go with"
        f" the restored {facts.target.database}. The one from before is put back, and this one kept beside"
    )


def _in_time(url: str, context: Context) -> Probed:
    until = time.monotonic() + WITHIN_S
    while not (answered := _asked(url)).healthy and time.monotonic() < until:
        context.progress(f"the service {answered.said}; asked again until {WITHIN_S:.0f} s are over")
        time.sleep(EVERY_S)
    return answered


def _asked(url: str) -> Probed:
    try:
        return probe(url, timeout_s=ASKED_S)
    except Refused as error:  # no URL: the plan errs, and the restore is none the worse for it
        return Probed(False, f"cannot be asked: {error}")
