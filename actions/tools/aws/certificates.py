"""Certificates: as ACM keeps them and as servers present them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from actions.failures import Refused
from actions.tools import tls
from actions.tools.aws.reach import AwsAccess, patience, said_of, told
from actions.tools.tls import ServedCertificate

if TYPE_CHECKING:
    from types_boto3_acm.client import ACMClient
    from types_boto3_acm.literals import KeyAlgorithmType
    from types_boto3_acm.type_defs import CertificateDetailTypeDef, CertificateSummaryTypeDef

LISTED_MOST = 2000
DESCRIBED_MOST = 100
KEY_TYPES: tuple[KeyAlgorithmType, ...] = (
    "RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1",
)  # fmt: skip
RIGHTS = "acm:ListCertificates and acm:DescribeCertificate"


@dataclass(frozen=True)
class AcmCertificate:
    """One certificate in ACM. `renewal` is ACM's word for how its renewal goes, '' where it has none."""

    arn: str
    names: tuple[str, ...]
    status: str
    imported: bool
    in_use_by: int
    not_after: datetime | None
    renewal: str

    def covers(self, domain: str) -> bool:
        """Whether a client that asks for `domain` is content with one of its names."""
        return any(covers(name, domain) for name in self.names)


@dataclass(frozen=True)
class Certificates:
    """The certificates of an environment. `served` are `host:port`."""

    domains: tuple[str, ...] = ()
    served: tuple[str, ...] = ()
    warn_before_s: float = 30 * 86400.0
    access: AwsAccess = field(default_factory=AwsAccess)
    timeout_s: float = 8.0

    @property
    def place(self) -> str:
        return f"ACM in {self.access.region or 'the default region'}"

    @cached_property
    def client(self) -> ACMClient:
        with self.told():
            return self.access.session().client(
                "acm", endpoint_url=self.access.endpoint_url, config=patience(self.timeout_s)
            )

    def told(self) -> contextlib.AbstractContextManager[None]:
        """Turn boto's errors into sentences about ACM."""
        return told(self.place, said_of(RIGHTS))

    def in_acm(self) -> tuple[AcmCertificate, ...]:
        """Those that cover one of the plan's domains, the one that lasts longest first.

        Raises Refused where AWS says no or holds more than can be right, Transient where it does not answer.
        """
        with self.told():
            found = [
                _acm(self.client.describe_certificate(CertificateArn=arn)["Certificate"])
                for arn in self._listed()
            ]
        wanted = [one for one in found if any(one.covers(domain) for domain in self.domains)]
        return tuple(
            sorted(wanted, key=lambda one: one.not_after.timestamp() if one.not_after else 0.0, reverse=True)
        )

    def presented(self, place: str) -> ServedCertificate:
        """What one server presents; see tls.served."""
        return tls.served(place, self.timeout_s)

    def _listed(self) -> list[str]:
        """The ARNs that may cover a domain. Without `keyTypes` ACM would list RSA up to 2048 bits only."""
        arns: list[str] = []
        listed = 0
        pages = self.client.get_paginator("list_certificates").paginate(
            Includes={"keyTypes": list(KEY_TYPES)}
        )
        for page in pages:
            for entry in page.get("CertificateSummaryList", []):
                listed += 1
                if self._may_cover(entry):
                    arns.append(entry["CertificateArn"])
            if listed > LISTED_MOST or len(arns) > DESCRIBED_MOST:
                raise Refused(
                    f"{self.place} holds too many certificates to look through ({listed:,} and more)"
                )
        return arns

    def _may_cover(self, entry: CertificateSummaryTypeDef) -> bool:
        names = [entry.get("DomainName", ""), *entry.get("SubjectAlternativeNameSummaries", [])]
        more = entry.get("HasAdditionalSubjectAlternativeNames", False)
        unsaid = "SubjectAlternativeNameSummaries" not in entry
        return more or unsaid or any(covers(name, domain) for name in names for domain in self.domains)


def covers(name: str, domain: str) -> bool:
    """Whether the certificate's name is good for the domain: `*` stands for exactly one label."""
    name, domain = name.lower().rstrip("."), domain.lower().rstrip(".")
    if name == domain:
        return True
    first, dot, rest = domain.partition(".")
    return bool(first and dot) and name == f"*.{rest}"


def _acm(detail: CertificateDetailTypeDef) -> AcmCertificate:
    names = detail.get("SubjectAlternativeNames") or [detail.get("DomainName", "")]
    return AcmCertificate(
        arn=detail["CertificateArn"],
        names=tuple(dict.fromkeys([*names, detail.get("DomainName", "")])),
        status=detail.get("Status", "?"),
        imported=detail.get("Type") == "IMPORTED",
        in_use_by=len(detail.get("InUseBy", [])),
        not_after=detail.get("NotAfter"),
        renewal=str(detail.get("RenewalSummary", {}).get("RenewalStatus", "")),
    )
