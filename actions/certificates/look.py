"""Looking at certificates: what ACM keeps, what servers present, what ends soon and where the two differ."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from actions.board_values import MEASURED
from actions.certificates.findings import Finding, end_text, findings
from actions.plan import (
    Action,
    Context,
    Ending,
    Evidence,
    Fault,
    Light,
    Plan,
    Refused,
    Risk,
    Statement,
    Step,
    Transient,
)
from actions.tools.aws.certificates import RIGHTS, AcmCertificate, Certificates
from actions.tools.tls import ServedCertificate
from actions.tools.toolbox import Toolbox

AT_ONCE = 8
SERVED_MOST = 40
ROWS = 40
STEP_S = 120.0


@dataclass(frozen=True)
class CertificatesParams:
    environment: str


@dataclass(frozen=True)
class CertificatesFacts:
    """What would be looked at: domains in ACM, and `host:port` that present one."""

    domains: tuple[str, ...]
    served: tuple[str, ...]


@dataclass(frozen=True)
class _Presented:
    certificates: tuple[ServedCertificate, ...]
    silent: tuple[tuple[str, Refused | Transient], ...]


def _present(tool: Certificates) -> _Presented:
    """Shake hands with every server, some at once; those that do not are told, not hidden."""

    def ask(place: str) -> ServedCertificate | Refused | Transient:
        try:
            return tool.presented(place)
        except (Refused, Transient) as error:
            return error

    places = tool.served[:SERVED_MOST]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(zip(places, pool.map(ask, places), strict=True))
    return _Presented(
        tuple(one for _, one in answers if isinstance(one, ServedCertificate)),
        tuple((place, one) for place, one in answers if not isinstance(one, ServedCertificate)),
    )


def _kept(tool: Certificates) -> tuple[AcmCertificate, ...]:
    return tool.in_acm() if tool.domains else ()


def _check_answers(tool: Certificates) -> Evidence:
    """Guard: ACM answers; without domains in ACM at least one server does."""
    if tool.domains:
        return Evidence(f"{tool.place} answered: {len(tool.in_acm())} certificates for the plan's domains")
    found = _present(tool)
    if not found.certificates and found.silent:
        raise found.silent[0][1]
    return Evidence(f"{len(found.certificates)} of {len(tool.served)} servers presented a certificate")


def _look_at_kept(tool: Certificates) -> Evidence:
    kept, now = _kept(tool), datetime.now(UTC)
    values = {one.arn.rpartition("/")[2][:40]: _kept_text(one, now) for one in kept[:ROWS]}
    return Evidence(f"ACM keeps {len(kept)} certificates for {len(tool.domains)} domains", values)


def _kept_text(one: AcmCertificate, now: datetime) -> str:
    end = end_text(one.not_after, now) if one.not_after else "has no end yet"
    kind = "imported" if one.imported else "renewed by ACM"
    return f"{', '.join(one.names)[:200]}: {one.status}, {end}, {kind}, used by {one.in_use_by}"


def _look_at_served(tool: Certificates) -> Evidence:
    found, now = _present(tool), datetime.now(UTC)
    values = {one.place: _served_text(one, now) for one in found.certificates[:ROWS]}
    values |= {place: f"no certificate: {error}" for place, error in found.silent[:ROWS]}
    return Evidence(
        f"{len(found.certificates)} of {len(tool.served)} servers presented a certificate", values
    )


def _served_text(one: ServedCertificate, now: datetime) -> str:
    trust = f"refused by clients: {one.distrust}" if one.distrust else "trusted"
    names = ", ".join(one.names)[:200]
    return f"{names}: {end_text(one.not_after, now)}, by {one.issuer}, {trust}"


def _look_for_worst(tool: Certificates) -> Evidence:
    now, presented, kept = datetime.now(UTC), _present(tool), _kept(tool)
    found = [Finding(0, f"{place} presents none: {error}", "") for place, error in presented.silent]
    found += findings(tool, kept, presented.certificates, now)
    ends = [*(one.not_after for one in presented.certificates), *(one.not_after for one in kept)]
    first = min((end for end in ends if end is not None), default=None)
    left = {MEASURED: f"{max(0, (first - now).days)} days left"} if first else {}
    if not found:
        said = f"every certificate is well; the first {end_text(first, now) if first else 'is unknown'}"
        return Evidence(said, left, light="green")
    values = left | {str(number): one.said for number, one in enumerate(found[:ROWS], 1)}
    helps = dict.fromkeys(one.helps for one in found if one.helps)
    values |= {f"would help {number}": said for number, said in enumerate(helps, 1)}
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    # Rank 0 is what customers notice already.
    light: Light = "red" if any(one.rank == 0 for one in found) else "amber"
    return Evidence(f"{found[0].said}{more}", values, light)


def _survey(tools: Toolbox, params: CertificatesParams) -> CertificatesFacts:
    tool = tools.certificates(params.environment)
    if not tool.domains and not tool.served:
        raise Refused(
            f"the plan names neither domains nor servers with certificates for {params.environment}"
        )
    return CertificatesFacts(tool.domains, tool.served)


def _plan(params: CertificatesParams, facts: CertificatesFacts) -> Plan:
    def of(work: Callable[[Certificates], Evidence]) -> Callable[[Context], Evidence]:
        return partial(_on, params.environment, work)

    whom = "ACM answers" if facts.domains else "the servers answer"
    after = [Step("Read the certificates that servers present", of(_look_at_served), STEP_S)]
    if facts.domains:
        after.insert(0, Step("Read the certificates that ACM keeps", of(_look_at_kept), STEP_S))
    return Plan(
        before=(Step(f"Check that {whom}", of(_check_answers), STEP_S, attempts=2),),
        steps=(),
        after=(*after, Step("Say what ends soon, and where the two differ", of(_look_for_worst), STEP_S)),
        facts=(
            ("domains in ACM", ", ".join(facts.domains)[:500] or "none"),
            ("servers", ", ".join(facts.served)[:500] or "none"),
        ),
    )


def _on(environment: str, work: Callable[[Certificates], Evidence], context: Context) -> Evidence:
    return work(context.tools.certificates(environment))


look_at_certificates = Action(
    name="look-at-certificates",
    title="Look at the certificates",
    risk=Risk.LOOK,
    params=CertificatesParams,
    facts=CertificatesFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/certificate-ends",
    survey=_survey,
    plan=_plan,
    permissions=(f"AWS: {RIGHTS}", "network: a TLS handshake with each server of the plan"),
    example="run look-at-certificates environment=production",
    description=(
        "When certificates end, in ACM and as servers really present them; whether clients trust them, how"
        " their renewal goes, and which server still presents an older one than ACM keeps."
    ),
    reach=f"reads certificates, which are public; shakes hands with at most {SERVED_MOST} servers",
    iam=(
        Statement(("acm:ListCertificates",), ("*",)),
        Statement(("acm:DescribeCertificate",), ("arn:aws:acm:*:*:certificate/*",)),
    ),
    endings=(
        Ending(Fault.GONE, "before", "failed", "ACM does not answer; nothing was changed."),
        Ending(Fault.TIMEOUT, "before", "failed", "ACM did not answer in time; nothing was changed."),
        Ending(Fault.DENIED, "before", "refused", "AWS does not let drbot read; nothing was changed."),
    ),
)
