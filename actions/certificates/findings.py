"""What is wrong, or soon will be, with a certificate; in sentences with what would help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from actions.tools.aws.certificates import AcmCertificate, Certificates, covers
from actions.tools.tls import ServedCertificate, split

RELOAD = "reload what terminates TLS (nginx -s reload), once the new files are in /etc/nginx/ssl/"
IMPORT = "an imported certificate is not renewed by ACM: import the next one (aws acm import-certificate)"
RENEW = "ACM renews by itself once its DNS record is there again: aws acm describe-certificate names it"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Finding:
    """`rank` 0 is what customers notice already; `helps` is '' where nothing is known."""

    rank: int
    said: str
    helps: str


def end_text(not_after: datetime, now: datetime) -> str:
    """`ends in 12 days, on 2026-12-05`."""
    left = not_after - now
    on = f"on {not_after:%Y-%m-%d}"
    if left < timedelta(0):
        return f"ended {-left // DAY} days ago, {on}"
    return f"ends in {left // DAY} days, {on}"


def findings(
    plan: Certificates,
    kept: Sequence[AcmCertificate],
    shown: Sequence[ServedCertificate],
    now: datetime,
) -> tuple[Finding, ...]:
    """Everything that a person should know, what customers notice first."""
    found = [one for certificate in shown for one in _of_served(plan, certificate, kept, now)]
    found += [one for certificate in kept for one in _of_kept(plan, certificate, now)]
    found += [
        Finding(2, f"ACM has no certificate for {domain}", "request one: aws acm request-certificate")
        for domain in plan.domains
        if not any(one.covers(domain) for one in kept)
    ]
    return tuple(sorted(found, key=lambda one: one.rank))


def _of_served(
    plan: Certificates, shown: ServedCertificate, kept: Sequence[AcmCertificate], now: datetime
) -> list[Finding]:
    found = []
    left_s = (shown.not_after - now).total_seconds()
    if left_s < 0:
        said = f"{shown.place} presents a certificate that {end_text(shown.not_after, now)}: nobody gets in"
        found.append(Finding(0, said, RELOAD))
    elif shown.distrust:
        said = f"{shown.place} presents a certificate that clients refuse: {shown.distrust}"
        found.append(Finding(0, said, RELOAD))
    if 0 <= left_s < plan.warn_before_s:
        said = f"the certificate at {shown.place} {end_text(shown.not_after, now)}"
        found.append(Finding(1, said, RELOAD))
    newer = _newer(shown, kept)
    if newer is not None and newer.not_after is not None:
        said = (
            f"{shown.place} still presents the certificate that {end_text(shown.not_after, now)};"
            f" ACM has one that {end_text(newer.not_after, now)}"
        )
        found.append(Finding(1, said, RELOAD))
    return found


def _newer(shown: ServedCertificate, kept: Sequence[AcmCertificate]) -> AcmCertificate | None:
    """The longest lasting one in ACM for the same host that lasts longer, if there is one."""
    host = split(shown.place)[0]
    same = [
        one
        for one in kept
        if one.status == "ISSUED" and (one.covers(host) or any(one.covers(name) for name in shown.names))
    ]
    return next((one for one in same if one.not_after and one.not_after - shown.not_after > DAY / 24), None)


def _of_kept(plan: Certificates, kept: AcmCertificate, now: datetime) -> list[Finding]:
    names = ", ".join(sorted(name for name in kept.names if any(covers(name, one) for one in plan.domains)))
    what = f"ACM's certificate for {names[:120]}"
    if kept.status != "ISSUED":
        return [Finding(1 if kept.in_use_by else 3, f"{what} is {kept.status}", RENEW)]
    helps = IMPORT if kept.imported else RENEW
    found = []
    if kept.renewal in ("PENDING_VALIDATION", "FAILED"):
        found.append(Finding(1, f"{what} is not renewed: {kept.renewal}", RENEW))
    if kept.not_after and (kept.not_after - now).total_seconds() < plan.warn_before_s:
        used = "" if kept.in_use_by else ", and nothing uses it"
        found.append(
            Finding(1 if kept.in_use_by else 3, f"{what} {end_text(kept.not_after, now)}{used}", helps)
        )
    return found
