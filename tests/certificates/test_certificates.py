"""Certificates in a real ACM API and at real TLS servers: what ends soon, is not trusted, or differs."""

from __future__ import annotations

import contextlib
import socket
import threading
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.certificates.findings import end_text, findings
from actions.certificates.look import look_at_certificates
from actions.plan import Evidence, Refused, Transient
from actions.tools.aws.certificates import AcmCertificate, Certificates, covers
from actions.tools.tls import ServedCertificate, served, split
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned, run
from tests.real.aws import DENIED, RealAws
from tests.real.proxy import proxy
from tests.real.tls import Made, make, presenting


@pytest.fixture(scope="module")
def authority() -> Made:
    return make("Belezza Test Authority", ends_in_days=900, authority=True)


@pytest.fixture
def domain() -> str:
    return f"{uuid.uuid4().hex[:8]}.belezza.test"


@pytest.fixture
def trusting(authority: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Made:
    """This machine trusts the authority."""
    (tmp_path / "authority.pem").write_bytes(authority.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


def _import(aws: RealAws, made: Made) -> None:
    aws.acm.import_certificate(Certificate=made.pem, PrivateKey=made.key_pem)


def _look(tool: Certificates) -> tuple[Evidence, list[Evidence]]:
    """What the look says at last, and everything it said."""
    tools = FixedToolbox(certified={"staging": tool})
    _, plan = planned(look_at_certificates, tools, environment="staging")
    done = run(plan, tools, 7)
    return done[-1], done


def test_acm_tells_names_end_and_kind(aws: RealAws, domain: str) -> None:
    _import(aws, make(domain, f"*.{domain}", ends_in_days=200))
    _import(aws, make("another.test"))
    kept = Certificates((f"api.{domain}",), access=aws.access()).in_acm()
    assert [(one.imported, one.status) for one in kept] == [(True, "ISSUED")]
    assert {domain, f"*.{domain}"} <= set(kept[0].names)
    worst, done = _look(Certificates((f"api.{domain}",), access=aws.access()))
    assert worst.said.startswith("every certificate is well; the first ends in 199 days, on ")
    assert any(
        f"*.{domain}" in text and ": ISSUED, ends in 199 days" in text for text in done[1].values.values()
    )


def test_a_trusted_certificate_is_told_as_such(tmp_path: Path, trusting: Made) -> None:
    with presenting(make("api.test", by=trusting), tmp_path) as port:
        worst, done = _look(Certificates(served=(f"127.0.0.1:{port}",)))
    assert worst.said.startswith("every certificate is well")
    said = done[-2].values[f"127.0.0.1:{port}"]
    assert said.endswith("by Belezza Test Authority, trusted")
    assert said.startswith("api.test: ends in 89 days")


@pytest.mark.parametrize(
    ("ends_in_days", "alarm", "board"),
    [
        (-3, "ended 3 days ago", ("red", "0 days left")),
        (12.5, "ends in 12 days, on ", ("amber", "12 days left")),
        (400, "every certificate is well", ("green", "399 days left")),
    ],
)
def test_what_ends_soon_or_has_ended_is_said(
    tmp_path: Path, trusting: Made, ends_in_days: float, alarm: str, board: tuple[str, str]
) -> None:
    with presenting(make("api.test", by=trusting, ends_in_days=ends_in_days), tmp_path) as port:
        worst, _ = _look(Certificates(served=(f"127.0.0.1:{port}",)))
    assert alarm in worst.said
    assert (worst.light, worst.values["measured"]) == board


def test_a_stranger_s_or_another_host_s_certificate_is_told_with_why(tmp_path: Path, trusting: Made) -> None:
    with presenting(make("api.test"), tmp_path) as port:
        worst, _ = _look(Certificates(served=(f"127.0.0.1:{port}",)))
        assert "presents a certificate that clients refuse: self-signed certificate" in worst.said
    with presenting(make("api.test", by=trusting), tmp_path) as port:
        worst, _ = _look(Certificates(served=(f"localhost:{port}",)))
    assert "Hostname mismatch" in worst.said


def test_a_server_that_still_presents_the_older_one(aws: RealAws, tmp_path: Path, trusting: Made) -> None:
    name = f"{uuid.uuid4().hex[:8]}.belezza.test"
    _import(aws, make(name, by=trusting, ends_in_days=300))
    with presenting(make(name, by=trusting, ends_in_days=60), tmp_path) as port:
        tool = Certificates((name,), (f"127.0.0.1:{port}",), access=aws.access())
        worst, _ = _look(tool)
    assert f"127.0.0.1:{port} still presents the certificate that ends in 59 days" in worst.said
    assert "ACM has one that ends in 299 days" in worst.said
    assert "nginx -s reload" in worst.values["would help 1"]


def test_a_domain_without_a_certificate_and_a_server_that_is_silent(aws: RealAws, domain: str) -> None:
    tool = Certificates((domain,), ("127.0.0.1:9",), access=aws.access())
    worst, _ = _look(tool)
    assert (
        worst.said
        == "127.0.0.1:9 presents none: 127.0.0.1:9 does not answer: Connection refused (and 1 more)"
    )
    assert worst.values["2"] == f"ACM has no certificate for {domain}"


def test_acm_refuses_hangs_or_denies(aws: RealAws, domain: str) -> None:
    with proxy(("127.0.0.1", aws.port)) as way:
        tool = Certificates((domain,), access=aws.access(way.port), timeout_s=0.5)
        with way.refuse(), pytest.raises(Transient, match="did not answer"):
            _look(tool)
        with way.hang(), pytest.raises(Transient, match="did not answer"):
            _look(tool)
        with way.answer(400, DENIED), pytest.raises(Refused, match=r"drbot needs acm:ListCertificates"):
            _look(tool)
        with (
            way.answer(400, b'{"__type":"ThrottlingException"}'),
            pytest.raises(Transient, match="Throttling"),
        ):
            _look(tool)


def test_without_keys_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch, aws: RealAws, domain: str) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    bare = replace(aws.access(), access_key=None, secret_key=None)
    with pytest.raises(Refused, match=r"Set AWS_"):
        _look(Certificates((domain,), access=bare))


def test_servers_that_are_none(tmp_path: Path) -> None:
    with presenting(make("api.test"), tmp_path) as port, proxy(("127.0.0.1", port)) as way:
        tool = Certificates(served=(f"127.0.0.1:{way.port}",), timeout_s=0.5)
        with way.refuse(), pytest.raises(Transient, match="does not answer"):
            _look(tool)
        with way.hang(), pytest.raises(Transient, match=r"did not answer within 0\.5 s"):
            _look(tool)


def test_a_server_that_speaks_no_tls_is_refused() -> None:
    def greet() -> None:
        with contextlib.suppress(OSError), listener.accept()[0] as client:
            client.sendall(b"220 mail.test ready\r\n")
            client.recv(1000)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=greet, daemon=True).start()
        place = f"127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(Refused, match="does not shake hands over TLS: WRONG_VERSION_NUMBER"):
            served(place, 5.0)


def test_a_plan_without_any_certificate_is_refused() -> None:
    with pytest.raises(Refused, match="names neither domains nor servers"):
        _look(Certificates())


@pytest.mark.parametrize(
    ("place", "parts"),
    [("api.test", ("api.test", 443)), ("api.test:8443", ("api.test", 8443)), ("[::1]:443", ("::1", 443))],
)
def test_a_place_is_host_and_port(place: str, parts: tuple[str, int]) -> None:
    assert split(place) == parts


@pytest.mark.parametrize("place", ["", ":443", "api:no", "api:0", "api:99999"])
def test_a_place_that_is_none_is_refused(place: str) -> None:
    with pytest.raises(Refused, match="is not host:port"):
        split(place)


@pytest.mark.parametrize(
    ("name", "domain", "good"),
    [
        ("api.test", "api.test", True),
        ("API.test", "api.TEST.", True),
        ("*.test", "api.test", True),
        ("*.test", "test", False),
        ("*.test", "deep.api.test", False),
        ("*.test", ".test", False),
        ("", "", True),
        ("*", "test", False),
    ],
)
def test_a_star_stands_for_one_label(name: str, domain: str, good: bool) -> None:
    assert covers(name, domain) is good


@given(st.text(max_size=20), st.text(max_size=20))
def test_covering_never_fails(name: str, domain: str) -> None:
    assert covers(name, domain) in (True, False)


NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _kept(days: float, **changed: object) -> AcmCertificate:
    kept = AcmCertificate("arn:1", ("api.test",), "ISSUED", False, 1, NOW + timedelta(days=days), "")
    return replace(kept, **changed)  # type: ignore[arg-type]  # a test's own words


@pytest.mark.parametrize(
    ("kept", "said", "helps"),
    [
        (_kept(5), "ACM's certificate for api.test ends in 5 days, on 2026-03-06", "renews by itself"),
        (_kept(5, imported=True), "ends in 5 days", "import the next one"),
        (_kept(5, in_use_by=0), "and nothing uses it", ""),
        (_kept(90, status="EXPIRED"), "is EXPIRED", ""),
        (_kept(90, renewal="PENDING_VALIDATION"), "is not renewed: PENDING_VALIDATION", "DNS record"),
    ],
)
def test_what_acm_keeps_is_judged(kept: AcmCertificate, said: str, helps: str) -> None:
    (found,) = findings(Certificates(("api.test",)), [kept], [], NOW)
    assert said in found.said
    assert helps in found.helps


def test_what_customers_notice_comes_first() -> None:
    ended = ServedCertificate("api.test:443", ("api.test",), "CA", NOW, NOW - timedelta(days=1), "expired")
    found = findings(Certificates(("api.test",)), [_kept(5)], [ended], NOW)
    assert [one.rank for one in found] == [0, 1, 1]
    assert "nobody gets in" in found[0].said


def test_ends_in_words() -> None:
    assert end_text(NOW + timedelta(days=12, hours=3), NOW) == "ends in 12 days, on 2026-03-13"
    assert end_text(NOW - timedelta(hours=30), NOW) == "ended 1 days ago, on 2026-02-27"
