"""Route 53's XML, as it is on the wire: errors, change batches, how a change stands."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

SPACE = "https://route53.amazonaws.com/doc/2013-04-01/"


@dataclass(frozen=True)
class Rrset:
    """One simple record as the wire has it."""

    name: str
    kind: str
    ttl_s: int
    values: tuple[str, ...]

    @property
    def key(self) -> tuple[str, str]:
        return self.name, self.kind

    def matches(self, other: Rrset) -> bool:
        """The same in every field; values in any order."""
        return (self.key, self.ttl_s, set(self.values)) == (other.key, other.ttl_s, set(other.values))


def error_xml(code: str, message: str = "not now") -> bytes:
    """An error as Route 53 says it."""
    return (
        f'<?xml version="1.0"?><ErrorResponse xmlns="{SPACE}"><Error><Type>Sender</Type><Code>{code}</Code>'
        f"<Message>{message}</Message></Error><RequestId>local-request</RequestId></ErrorResponse>"
    ).encode()


DENIED = error_xml(
    "AccessDenied", "User: local is not authorized to perform: route53:ChangeResourceRecordSets"
)


def changes(body: bytes) -> Iterator[tuple[str, Rrset]]:
    """The actions and records of a change batch."""

    def text(inside: ET.Element, path: str) -> str:
        return inside.findtext("/".join(f"{{{SPACE}}}{part}" for part in path.split("/")), "")

    for one in ET.fromstring(body).iter(f"{{{SPACE}}}Change"):
        values = tuple(value.text or "" for value in one.iter(f"{{{SPACE}}}Value"))
        rrset = "ResourceRecordSet"
        name, kind = text(one, f"{rrset}/Name").rstrip("."), text(one, f"{rrset}/Type")
        yield text(one, "Action"), Rrset(name, kind, int(text(one, f"{rrset}/TTL") or 0), values)


def info(root: str, change: str, status: str) -> bytes:
    """An answer that tells how a change stands."""
    return (
        f'<?xml version="1.0"?><{root} xmlns="{SPACE}"><ChangeInfo><Id>/change/{change}</Id>'
        f"<Status>{status}</Status><SubmittedAt>2026-11-23T03:00:00Z</SubmittedAt></ChangeInfo></{root}>"
    ).encode()


def protections(kept: Mapping[tuple[str, str], str]) -> bytes:
    """The protections of a zone, by name and kind, with their comments."""
    listed = "".join(
        f"<ResourceRecordSetProtection><RecordName>{name}.</RecordName><RecordType>{kind}</RecordType>"
        f"<Comment>{comment}</Comment></ResourceRecordSetProtection>"
        for (name, kind), comment in kept.items()
    )
    root = "ListResourceRecordSetProtectionsResponse"
    return (
        f'<?xml version="1.0"?><{root} xmlns="{SPACE}"><ResourceRecordSetProtections>{listed}'
        f"</ResourceRecordSetProtections></{root}>"
    ).encode()
