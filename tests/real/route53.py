"""moto's Route 53 with what moto leaves out: changes that are PENDING first, and refused where they must be.

moto answers every change with INSYNC and takes DELETEs of records that are another by now. The front here
looks at each change as Route 53 does (all of it or nothing, a DELETE must match every field), hands it on to
moto where it holds, and keeps it PENDING for as long as a test wants. Name servers answer what is INSYNC.
"""

from __future__ import annotations

import contextlib
import itertools
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, cast

from tests.real.aws import RealAws
from tests.real.route53_wire import Rrset, changes, error_xml, info, protections

if TYPE_CHECKING:
    from types_boto3_route53.client import Route53Client
    from types_boto3_route53.type_defs import ChangeTypeDef

NEVER = float("inf")
_numbers = itertools.count(1)


@dataclass
class Front:
    """The front of one moto server. `moves` is every record that a change made, in order, by anyone."""

    aws: RealAws
    sync_after_s: float = 0.0
    moves: list[Rrset] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    protected: dict[tuple[str, str], str] = field(default_factory=dict)
    port: int = 0
    _losing: bool = False
    _refusing: Callable[[str, str], bytes] | None = None
    _in_sync_at: dict[str, float] = field(default_factory=dict)
    _waiting: list[tuple[str, list[tuple[str, Rrset]]]] = field(default_factory=list)
    _served: dict[tuple[str, str], Rrset] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @cached_property
    def client(self) -> Route53Client:
        """Somebody else's, straight to moto."""
        return self.aws.route53

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def zone(self) -> tuple[str, str]:
        """A hosted zone of a domain of its own; id and domain."""
        domain = f"belezza-{uuid.uuid4().hex[:8]}.test"
        made = self.client.create_hosted_zone(Name=domain, CallerReference=uuid.uuid4().hex)
        return made["HostedZone"]["Id"].removeprefix("/hostedzone/"), domain

    def put(self, zone: str, record: Rrset) -> None:
        """Somebody's hand in the console: it is so at once, on every name server."""
        self._give_moto(zone, [("UPSERT", record)])
        with self._lock:
            self._served[record.key] = record

    def delete(self, zone: str, record: Rrset) -> None:
        """Likewise."""
        self._give_moto(zone, [("DELETE", record)])
        with self._lock:
            self._served.pop(record.key, None)

    def records(self, zone: str, name: str = "") -> list[Rrset]:
        """What the zone holds: of this name, or of all."""
        found = self.client.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        return [
            Rrset(
                one["Name"].rstrip("."),
                one["Type"],
                int(one.get("TTL", 0)),
                tuple(value["Value"] for value in one.get("ResourceRecords", ())),
            )
            for one in found
            if not name or one["Name"].rstrip(".") == name
        ]

    def served(self, name: str, kind: str) -> Rrset | None:
        """What the zone's name servers answer now: changes that are INSYNC, and no other."""
        with self._lock:
            self._ripen()
            return self._served.get((name, kind)) or self._served.get((name, "CNAME"))

    @contextlib.contextmanager
    def refusing(self, code: str, times: int = 10_000, only: str = "") -> Iterator[None]:
        """Answer the next requests (of this kind: `POST`, `GET`, a part of the path) with an error."""
        left = itertools.count(times, -1)

        def refuse(verb: str, path: str) -> bytes:
            wanted = not only or only in (verb, path) or only in path
            return error_xml(code) if wanted and next(left) > 0 else b""

        self._refusing = refuse
        try:
            yield
        finally:
            self._refusing = None

    def lose_next_answer(self) -> None:
        """The next change is made, and its answer never arrives."""
        self._losing = True

    def loses(self, path: str) -> bool:
        """Whether the answer to this request is to be lost."""
        losing = self._losing and path.partition("?")[0].rstrip("/").endswith("rrset")
        self._losing = self._losing and not losing
        return losing

    @contextlib.contextmanager
    def stuck(self) -> Iterator[None]:
        """Changes are PENDING for as long as the block lasts."""
        before, self.sync_after_s = self.sync_after_s, NEVER
        try:
            yield
        finally:
            self.sync_after_s = before
            with self._lock:
                self._in_sync_at = {
                    change: min(at, 0.0) if at == NEVER else at for change, at in self._in_sync_at.items()
                }

    def answer(self, verb: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """One request, as Route 53 would answer it."""
        self.asked.append(f"{verb} {path}")
        refused = self._refusing(verb, path) if self._refusing else b""
        if refused:
            return (403 if b"AccessDenied" in refused else 400), refused
        parts = path.partition("?")[0].strip("/").split("/")
        if parts[1:2] == ["change"]:
            return self._status(parts[2])
        if verb == "POST" and parts[1:2] == ["hostedzone"] and parts[-1] == "rrset":
            return self._change(parts[2], body)
        if parts[-1] == "rrsetprotection":
            return 200, protections(self.protected)
        return self._passed(verb, path, body, headers)

    def _status(self, change: str) -> tuple[int, bytes]:
        with self._lock:
            at = self._in_sync_at.get(change)
        if at is None:
            return 404, error_xml("NoSuchChange", f"A change with id {change} does not exist.")
        return 200, info("GetChangeResponse", change, "INSYNC" if at <= time.monotonic() else "PENDING")

    def _change(self, zone: str, body: bytes) -> tuple[int, bytes]:
        batch = list(changes(body))
        with self._lock:
            wrong = self._wrong(zone, batch)
            if wrong:
                return 400, error_xml("InvalidChangeBatch", f"[{wrong}]")
            made = {record.key for action, record in batch if action != "DELETE"}
            self._give_moto(
                zone,
                [("DELETE", one) for action, one in batch if action == "DELETE" and one.key not in made]
                + [("UPSERT", one) for action, one in batch if action != "DELETE"],
            )
            change = f"C{next(_numbers):013d}"
            self._in_sync_at[change] = time.monotonic() + self.sync_after_s
            self._waiting.append((change, batch))
            gone = [one for action, one in batch if action == "DELETE"]
            self.moves += [one for action, one in batch if action != "DELETE" and one not in gone]
        return 200, info("ChangeResourceRecordSetsResponse", change, "PENDING")

    def _wrong(self, zone: str, changes: list[tuple[str, Rrset]]) -> str:
        """Why the whole batch is refused, '' where it is not."""
        now = {record.key: record for record in self.records(zone)}
        for action, record in changes:
            said = f"resource record set [name='{record.name}.', type='{record.kind}']"
            if record.key in self.protected:
                return f"Tried to change {said} but it is protected"
            if action == "DELETE" and record.key not in now:
                return f"Tried to delete {said} but it was not found"
            if action == "DELETE" and not now.pop(record.key).matches(record):
                return f"Tried to delete {said} but the values provided do not match the current values"
            if action == "CREATE" and record.key in now:
                return f"Tried to create {said} but it already exists"
            if action != "DELETE":
                now[record.key] = record
        return ""

    def _ripen(self) -> None:
        """Let the name servers have what is INSYNC by now."""
        now = time.monotonic()
        due = [one for one in self._waiting if self._in_sync_at[one[0]] <= now]
        self._waiting = [one for one in self._waiting if one not in due]
        for _, batch in due:
            for action, record in batch:
                if action == "DELETE":
                    self._served.pop(record.key, None)
                else:
                    self._served[record.key] = record

    def _give_moto(self, zone: str, changes: list[tuple[str, Rrset]]) -> None:
        given = [
            {
                "Action": action,
                "ResourceRecordSet": {
                    "Name": record.name,
                    "Type": record.kind,
                    "TTL": record.ttl_s,
                    "ResourceRecords": [{"Value": value} for value in record.values],
                },
            }
            for action, record in changes
        ]
        self.client.change_resource_record_sets(
            HostedZoneId=zone, ChangeBatch={"Changes": cast("list[ChangeTypeDef]", given)}
        )

    def _passed(self, verb: str, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        way = HTTPConnection("127.0.0.1", self.aws.port, timeout=20)
        try:
            kept = {name: value for name, value in headers.items() if name.lower() != "connection"}
            way.request(verb, path, body or None, kept)
            answer = way.getresponse()
            return answer.status, answer.read()
        finally:
            way.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that was killed is no news."""


@contextlib.contextmanager
def route53_front(aws: RealAws) -> Iterator[Front]:
    """The front while the block runs."""
    front = Front(aws)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            status, body = front.answer(
                self.command, self.path, self.rfile.read(length), dict(self.headers.items())
            )
            if self.command == "POST" and front.loses(self.path):
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *arguments: Any) -> None:
            """Tests are quiet."""

    server = _Server(("127.0.0.1", 0), Handler)
    front.port = server.server_address[1]
    serving = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    serving.start()
    try:
        yield front
    finally:
        server.shutdown()
        server.server_close()
        serving.join(10)
