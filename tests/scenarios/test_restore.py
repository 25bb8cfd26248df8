"""`/dr restore staging`: undone by a button, and refused where the newest dump is a broken one."""

from __future__ import annotations

import boto3
import psycopg
import pytest
from botocore.config import Config

from bot.demo.databases import STAGING
from bot.demo.story import Cast
from bot.demo.world import PREFIX, World, make_backup
from bot.workspace.seen import SeenMessage

pytestmark = [pytest.mark.xdist_group("world"), pytest.mark.timeout(240)]


def test_a_restore_is_taken_back_by_its_button(world: World, cast: Cast) -> None:
    with psycopg.connect(world.databases.url(STAGING), autocommit=True) as session:
        session.execute("CREATE TABLE only_before_the_restore AS SELECT 1 AS one")
    restored = _restore(world, cast)
    assert not _has_table(world, "only_before_the_restore")
    assert cast.ana.press(restored, "Undo").ok
    undo = cast.bruno.wait_for(lambda: _waiting(cast, "Undo RUN-"), 30)
    assert cast.bruno.press(undo, "Approve…").ok
    assert cast.bruno.submit(cast.bruno.wait_for_modal(), {"typed": "staging"}).ok
    cast.ana.wait_for(lambda: _says(cast, undo, "done and verified"), 60)
    assert _has_table(world, "only_before_the_restore")


def test_a_corrupted_dump_is_refused_and_staging_is_untouched(world: World, cast: Cast) -> None:
    make_backup(world.databases, world.storage)
    _corrupt_newest(world)
    before = _rows(world)
    cast.ana.slash("/dr restore staging", cast.home)
    plan = cast.bruno.wait_for(lambda: _waiting(cast, "Restore a database"), 30)
    assert cast.bruno.press(plan, "Approve…").ok
    assert cast.bruno.submit(cast.bruno.wait_for_modal(), {"typed": "staging"}).ok
    cast.ana.wait_for(lambda: _says(cast, plan, "nothing was changed"), 60)
    assert _rows(world) == before
    make_backup(world.databases, world.storage)


def _restore(world: World, cast: Cast) -> SeenMessage:
    cast.ana.slash("/dr restore staging", cast.home)
    plan = cast.bruno.wait_for(lambda: _waiting(cast, "Restore a database"), 30)
    assert cast.bruno.press(plan, "Approve…").ok
    assert cast.bruno.submit(cast.bruno.wait_for_modal(), {"typed": "staging"}).ok
    cast.ana.wait_for(lambda: _says(cast, plan, "done and verified"), 60)
    return next(one for one in cast.ana.channel(cast.home) if one.ts == plan.ts)


def _waiting(cast: Cast, words: str) -> SeenMessage | None:
    for message in reversed(cast.bruno.channel(cast.home)):
        if words in message.words and "Approve…" in message.buttons:
            return message
    return None


def _says(cast: Cast, message: SeenMessage, words: str) -> bool | None:
    now = next(one for one in cast.ana.channel(cast.home) if one.ts == message.ts)
    return words in now.words.lower() or None


def _corrupt_newest(world: World) -> None:
    """Flip a byte in the middle of the newest dump; its manifest stays as it was."""
    storage = world.storage
    client = boto3.client(
        "s3",
        endpoint_url=storage.endpoint,
        region_name="sa-east-1",
        aws_access_key_id=storage.access_key,
        aws_secret_access_key=storage.secret_key,
        config=Config(s3={"addressing_style": "path"}),
    )
    keys = [one["Key"] for one in client.list_objects_v2(Bucket="belezza-backups", Prefix=PREFIX)["Contents"]]
    newest = max(key for key in keys if key.endswith(".sql.gz"))
    body = bytearray(client.get_object(Bucket="belezza-backups", Key=newest)["Body"].read())
    body[len(body) // 2] ^= 0x55
    client.put_object(Bucket="belezza-backups", Key=newest, Body=bytes(body))


def _has_table(world: World, name: str) -> bool:
    with psycopg.connect(world.databases.url(STAGING)) as session:
        row = session.execute("SELECT to_regclass(%s) IS NOT NULL", (name,)).fetchone()
    return bool(row and row[0])


def _rows(world: World) -> list[tuple[int, ...]]:
    with psycopg.connect(world.databases.url(STAGING)) as session:
        return session.execute("SELECT count(*), min(id), max(id) FROM agendamentos").fetchall()
