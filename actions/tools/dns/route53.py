"""A hosted zone of Route 53: one simple record read as it is, and changed only from what was read."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeAlias

from botocore.exceptions import ClientError

from actions.failures import Refused, Transient
from actions.tools.aws.reach import DENIED, AwsAccess, patience, told
from actions.tools.endpoint import shown

if TYPE_CHECKING:
    from types_boto3_route53.client import Route53Client
    from types_boto3_route53.type_defs import ChangeTypeDef, ResourceRecordSetOutputTypeDef

RIGHTS = (
    "route53:GetHostedZone, route53:ListResourceRecordSets, route53:ListResourceRecordSetProtections and"
    " route53:ChangeResourceRecordSets on the zone, route53:GetChange"
)
READ_AT_ONCE = 50
COMMENT_LIMIT = 200
Kind: TypeAlias = Literal["A", "AAAA", "CNAME"]
KINDS: Mapping[str, Kind] = {"A": "A", "AAAA": "AAAA", "CNAME": "CNAME"}
_SPECIAL = {
    "AliasTarget": "an alias",
    "TrafficPolicyInstanceId": "a traffic policy's record",
    "Weight": "a weighted record",
    "Region": "a latency record",
    "Failover": "a failover record, which Route 53 moves by itself",
    "GeoLocation": "a geolocation record",
    "GeoProximityLocation": "a geoproximity record",
    "MultiValueAnswer": "a multivalue record",
    "CidrRoutingConfig": "an IP-based record",
    "SetIdentifier": "one record of a set",
    "HealthCheckId": "a record with a health check of Route 53",
}


class Moved(Refused):
    """Route 53 refused a change as a whole, so nothing of it was made: mostly, the record had changed."""


@dataclass(frozen=True)
class Record:
    """A simple record. `name` and names among `values` have no dot at their end."""

    name: str
    kind: Kind
    ttl_s: int
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.kind} {', '.join(self.values)} (TTL {self.ttl_s} s)"

    @property
    def answers(self) -> frozenset[str]:
        """The values as DNS servers write them: whatever the way in which the zone holds an IPv6 address."""
        return frozenset(map(canonical, self.values))

    def same_answer(self, other: Record) -> bool:
        """Whether both answer the same, however long it may be kept."""
        return self.kind == other.kind and self.answers == other.answers


@dataclass(frozen=True)
class ZoneSeen:
    """A hosted zone: its domain, and the name servers that answer for it (none for a private one)."""

    domain: str
    name_servers: tuple[str, ...]


@dataclass(frozen=True)
class HostedZone:
    """One zone by its id."""

    zone: str
    access: AwsAccess = field(default_factory=AwsAccess)
    timeout_s: float = 8.0

    @property
    def place(self) -> str:
        return f"Route 53's zone {self.zone}"

    @cached_property
    def client(self) -> Route53Client:
        with self._told():
            return self.access.session().client(
                "route53", endpoint_url=self.access.endpoint_url, config=patience(self.timeout_s)
            )

    def seen(self) -> ZoneSeen:
        """What the zone is. Raises Refused, Transient."""
        with self._told():
            found = self.client.get_hosted_zone(Id=self.zone)
        servers = tuple(_bare(one) for one in found.get("DelegationSet", {}).get("NameServers", ()))
        return ZoneSeen(_bare(found["HostedZone"]["Name"]), servers)

    def record(self, name: str) -> Record | None:
        """The record of this name that leads to an address, None where there is none.

        Raises Refused where it is more than one, or not a simple one (told of which kind); Transient.
        """
        with self._told():
            page = self.client.list_resource_record_sets(
                HostedZoneId=self.zone, StartRecordName=name, MaxItems=str(READ_AT_ONCE)
            )
        found = [
            one
            for one in page["ResourceRecordSets"]
            if _bare(one["Name"]) == _bare(name) and one["Type"] in KINDS
        ]
        for one in found:
            _check_simple(name, one)
        if len(found) > 1:
            kinds = " and ".join(one["Type"] for one in found)
            raise Refused(
                f"{name} has records of the kinds {kinds}, and drbot moves a name that has one of them."
                " Nothing was changed"
            )
        return _record(found[0]) if found else None

    def protection(self, name: str, kinds: Collection[str]) -> str | None:
        """How the zone protects this name's records of these kinds from every change, '' where it does not.

        None where that cannot be known: no right to ask, or a boto3 from before there were protections.
        Raises Transient where nobody answers.
        """
        ask = getattr(self.client, "list_resource_record_set_protections", None)
        if ask is None:
            return None
        with self._told():
            try:
                page = ask(HostedZoneId=self.zone, StartRecordName=name, MaxResults=str(READ_AT_ONCE))
            except ClientError:
                return None
        for one in page.get("ResourceRecordSetProtections", ()):
            if _bare(one["RecordName"]) == _bare(name) and one["RecordType"] in kinds:
                why = shown(one.get("Comment") or "no word why")
                return f"its {one['RecordType']} records are protected: {why}"
        return ""

    def change(self, old: Record | None, new: Record | None, because: str) -> str:
        """Put `new` in the place of `old` in one change; its id. None: there is none before, or after.

        Route 53 itself refuses it where the record is not exactly `old` any more: raises Moved then, and
        nothing was changed. Not safe to repeat blindly: look at the record first. Raises Refused, Transient.
        """
        steps: list[ChangeTypeDef] = []
        if old is not None:
            steps.append({"Action": "DELETE", "ResourceRecordSet": _given(old)})
        if new is not None:
            steps.append({"Action": "CREATE", "ResourceRecordSet": _given(new)})
        with self._told():
            made = self.client.change_resource_record_sets(
                HostedZoneId=self.zone,
                ChangeBatch={"Comment": because[:COMMENT_LIMIT], "Changes": steps},
            )
        return made["ChangeInfo"]["Id"]

    def in_sync(self, change: str) -> bool:
        """Whether every name server of Route 53 has the change. Raises Refused, Transient."""
        with self._told():
            return self.client.get_change(Id=change)["ChangeInfo"]["Status"] == "INSYNC"

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        with told(self.place, _said):
            try:
                yield
            except ClientError as error:
                details = error.response.get("Error", {})
                if details.get("Code") == "InvalidChangeBatch":
                    why = shown(str(details.get("Message", "")))
                    raise Moved(
                        f"{self.place} refused the whole change, nothing of it was made: {why}"
                    ) from error
                raise


def canonical(value: str) -> str:
    """An address in its shortest form, a name in small letters without a dot at its end."""
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        return _bare(value)


def _said(code: str, where: str) -> Refused | Transient:
    if code in DENIED:
        return Refused(
            f"AWS refuses {where} ({code}): drbot needs {RIGHTS}. Check AWS_* and the policy. Nothing was"
            " changed"
        )
    if code == "NoSuchHostedZone":
        return Refused(f"{where} is not there: check `zone` of the plan's failover. Nothing was changed")
    if code == "NoSuchChange":
        return Refused(f"{where} knows nothing of the change")
    if code in ("Throttling", "ThrottlingException", "PriorRequestNotComplete"):
        return Transient(f"{where} is asked too often ({code}); it answers again in some seconds")
    return Transient(f"{where} did not answer as hoped ({code or 'no code'})")


def _check_simple(name: str, found: ResourceRecordSetOutputTypeDef) -> None:
    for key, kind in _SPECIAL.items():
        if key in found:
            raise Refused(
                f"{name} is {kind} in Route 53, and drbot moves simple A, AAAA and CNAME records only."
                " Nothing was changed: move it in Route 53's console"
            )


def _record(found: ResourceRecordSetOutputTypeDef) -> Record:
    kind = KINDS[found["Type"]]
    values = tuple(sorted(one["Value"] for one in found.get("ResourceRecords", ())))
    if kind == "CNAME":
        values = tuple(_bare(value) for value in values)
    return Record(_bare(found["Name"]), kind, int(found.get("TTL", 0)), values)


def _given(record: Record) -> ResourceRecordSetOutputTypeDef:
    return {
        "Name": record.name,
        "Type": record.kind,
        "TTL": record.ttl_s,
        "ResourceRecords": [{"Value": value} for value in record.values],
    }


def _bare(name: str) -> str:
    return name.rstrip(".").lower()
