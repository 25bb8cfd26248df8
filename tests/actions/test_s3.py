"""The S3 tool over two servers: the same cases must hold for both; and over connections that misbehave."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from actions.plan import NotVerified, Refused, Transient
from actions.tools.aws.s3 import Bucket, ObjectSeen
from actions.tools.aws.s3_stream import stream
from tests.real.s3 import RealS3, with_keys


@pytest.fixture(params=["seaweedfs", "moto"])
def bucket(request: pytest.FixtureRequest, s3: RealS3, moto_s3: RealS3) -> Bucket:
    return (s3 if request.param == "seaweedfs" else moto_s3).bucket()


def test_what_was_put_is_listed_seen_and_read(bucket: Bucket) -> None:
    put = bucket.put(bucket.prefix + "a.txt", b"salve")
    listed = bucket.list()
    assert [(entry.key, entry.size_bytes, entry.etag) for entry in listed] == [(put.key, 5, put.etag)]
    assert bucket.head(put.key).modified_at == put.modified_at
    assert bucket.read(put.key) == b"salve"


def test_a_large_stream_arrives_whole_in_parts_and_comes_back_the_same(bucket: Bucket) -> None:
    data = os.urandom(20_000_003)
    pieces = (data[at : at + 700_001] for at in range(0, len(data), 700_001))
    seen = bucket.put_stream(bucket.prefix + "large", pieces)
    assert seen.size_bytes == len(data)
    digest = hashlib.sha256()
    for chunk in stream(bucket, seen):
        digest.update(chunk)
    assert digest.digest() == hashlib.sha256(data).digest()


def test_a_stream_that_fails_leaves_no_object(bucket: Bucket) -> None:
    def failing() -> Iterator[bytes]:
        yield os.urandom(9_000_000)
        raise NotVerified("the dump broke off")

    with pytest.raises(NotVerified, match="broke off"):
        bucket.put_stream(bucket.prefix + "half", failing())
    assert bucket.list() == ()


def test_an_empty_object_streams_as_nothing(bucket: Bucket) -> None:
    assert list(stream(bucket, bucket.put(bucket.prefix + "empty", b""))) == []


@pytest.mark.disaster(29)
def test_an_object_overwritten_after_it_was_seen_is_refused(bucket: Bucket) -> None:
    seen = bucket.put(bucket.prefix + "x", b"the first")
    bucket.put(bucket.prefix + "x", b"the other")
    with pytest.raises(Refused, match="overwritten"):
        list(stream(bucket, seen))


def test_an_object_that_is_gone_says_so(bucket: Bucket) -> None:
    with pytest.raises(Refused, match="not there"):
        bucket.head(bucket.prefix + "nothing")
    gone = ObjectSeen(bucket.prefix + "nothing", 3, "abc", datetime.now(UTC))
    with pytest.raises(Refused, match="not there"):
        list(stream(bucket, gone))


def test_a_missing_bucket_says_so(bucket: Bucket) -> None:
    with pytest.raises(Refused, match="there is no bucket s3://belezza-nowhere"):
        replace(bucket, name="belezza-nowhere").list()


def test_a_read_has_a_limit(bucket: Bucket) -> None:
    bucket.put(bucket.prefix + "big", b"x" * 5000)
    with pytest.raises(Refused, match="too large"):
        bucket.read(bucket.prefix + "big", limit_bytes=4096)


def test_more_objects_than_can_be_right_are_refused(bucket: Bucket) -> None:
    for number in range(3):
        bucket.put(f"{bucket.prefix}{number}", b"")
    with pytest.raises(Refused, match="more than 2 objects"):
        bucket.list(limit=2)


@pytest.mark.disaster(26)
@pytest.mark.parametrize("keys", [("nobody", "local-secret"), ("local-key", "wrong-secret")])
def test_wrong_keys_are_told_as_credentials_not_as_no_backups(s3: RealS3, keys: tuple[str, str]) -> None:
    stranger = with_keys(s3.bucket(), *keys)
    with pytest.raises(
        Refused, match=r"credentials or bucket policy.*does not mean that there are no backups"
    ):
        stranger.list()
    with pytest.raises(Refused, match="credentials"):
        stranger.head(stranger.prefix + "x")


def test_without_any_keys_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch, s3: RealS3) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    with pytest.raises(Refused, match=r"Set AWS_"):
        replace(s3.bucket(), access_key=None, secret_key=None).list()


def test_place_and_keys_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, s3: RealS3) -> None:
    bucket = s3.bucket()
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3.endpoint_url.replace("127.0.0.1", "localhost"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", str(bucket.access_key))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", str(bucket.secret_key))
    bare = Bucket(bucket.name, bucket.prefix)
    assert bare.put(bare.prefix + "x", b"here").size_bytes == 4


def test_nobody_there_is_for_now(s3: RealS3) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = replace(s3.bucket(), endpoint_url=f"http://127.0.0.1:{closed.getsockname()[1]}")
        with pytest.raises(Transient, match="did not answer"):
            nowhere.list()


def test_keys_are_in_no_repr(s3: RealS3) -> None:
    assert "local-secret" not in repr(s3.bucket())
    assert "local-key" not in repr(s3.bucket())


@contextlib.contextmanager
def wire(target: str, passed: list[int | float]) -> Iterator[str]:
    """A proxy: connection n passes `passed[n]` bytes, then hangs up; a float is a trickle of bytes/s."""
    host, port = target.removeprefix("http://").split(":")
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    stop = threading.Event()

    def serve(client: socket.socket, rule: int | float | None) -> None:
        with client, socket.create_connection((host, int(port))) as server:
            threading.Thread(target=_pump, args=(client, server, None, stop), daemon=True).start()
            _pump(server, client, rule, stop)

    def accept() -> None:
        number = 0
        while not stop.is_set():
            with contextlib.suppress(TimeoutError):
                client, _ = listener.accept()
                rule = passed[number] if number < len(passed) else None
                number += 1
                threading.Thread(target=serve, args=(client, rule), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stop.set()
        accepting.join(5)
        listener.close()


def _pump(
    source: socket.socket, sink: socket.socket, rule: int | float | None, stop: threading.Event
) -> None:
    left = rule if isinstance(rule, int) else None
    with contextlib.suppress(OSError):
        while not stop.is_set() and (data := source.recv(64 if isinstance(rule, float) else 65536)):
            if left is not None:
                sink.sendall(data[:left])
                left -= len(data)
                if left <= 0:
                    break
            else:
                sink.sendall(data)
            if isinstance(rule, float):
                time.sleep(len(data) / rule)
        sink.shutdown(socket.SHUT_RDWR)


@pytest.mark.disaster(50, 28)
def test_a_broken_connection_goes_on_from_the_next_byte(s3: RealS3) -> None:
    bucket = s3.bucket()
    data = os.urandom(3_000_000)
    seen = bucket.put(bucket.prefix + "x", data)
    with wire(s3.endpoint_url, [1_000_000, 700_000]) as url:
        assert b"".join(stream(replace(bucket, endpoint_url=url), seen)) == data


@pytest.mark.disaster(50)
def test_a_connection_that_breaks_every_time_ends_in_a_sentence(s3: RealS3) -> None:
    bucket = s3.bucket()
    seen = bucket.put(bucket.prefix + "x", os.urandom(3_000_000))
    with (
        wire(s3.endpoint_url, [100_000] * 20) as url,
        pytest.raises(Transient, match="broke off 2 times, at byte"),
    ):
        list(stream(replace(bucket, endpoint_url=url), seen, attempts=2))


@pytest.mark.disaster(28)
def test_a_trickle_is_noticed_and_opened_again(s3: RealS3) -> None:
    bucket = s3.bucket()
    data = os.urandom(500_000)
    seen = bucket.put(bucket.prefix + "x", data)
    with wire(s3.endpoint_url, [3000.0]) as url:
        began = time.monotonic()
        slow = replace(bucket, endpoint_url=url)
        assert b"".join(stream(slow, seen, slowest_bytes_s=50_000, window_s=0.5)) == data
        assert time.monotonic() - began < 20, "at 3 kB/s it would have taken minutes"
