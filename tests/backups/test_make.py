"""Making a backup on a real server and a real S3: what it leaves, what it proves, and taking it back."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from actions.backups.back_up import back_up_database
from actions.backups.choice import choose, list_backups, read_manifest
from actions.plan import Context, NotVerified, Refused
from actions.tools.dumps.zstd_pack import unpacked
from actions.tools.postgres.snapshot import shared_snapshot
from tests.actions.running import planned, run, undo
from tests.backups.conftest import World, world_of
from tests.real.postgres import RealPostgres
from tests.real.s3 import RealS3

RUN = 12
ASKED = {"environment": "production"}


def test_a_backup_is_published_copied_and_described(world: World) -> None:
    facts, plan = planned(back_up_database, world.tools, **ASKED)
    assert facts.last.id == ""
    assert plan.amount == facts.size_bytes > 1e6
    done = run(plan, world.tools, RUN)

    (manifest,) = world.manifests()
    name = str(manifest["key"]).rsplit("/", 1)[-1]
    data = world.bucket.read(str(manifest["key"]), 10**9)
    assert world.names() == [name, f"{name}.manifest.json", f"{name}.sha256"]
    assert world.bucket.read(f"{manifest['key']}.sha256").decode() == f"{manifest['sha256']}  {name}\n"
    assert manifest["sha256"] == hashlib.sha256(data).hexdigest()
    assert b"".join(unpacked([data])).startswith(b"PGDMP")
    assert manifest["unpacked_bytes"] == len(b"".join(unpacked([data])))
    assert (manifest["format"], manifest["kind"], manifest["run"], manifest["made_by"]) == (
        3,
        "archive",
        RUN,
        "drbot",
    )
    assert manifest["inventory"]["views"] == 1  # type: ignore[index]
    assert manifest["inventory"]["functions"] == 2  # type: ignore[index]
    assert set(manifest["newest"]) == {"usuarios.criado_em"}  # type: ignore[call-overload]
    assert str(manifest["lsn"]).count("/") == 1
    assert manifest["content"]["tables"]["public.agendamentos"]["rows"] == 12000  # type: ignore[index]
    assert world.names(world.far) == world.names()
    assert sorted(path.name for path in world.folder.iterdir()) == world.names()
    assert (world.folder / name).read_bytes() == data
    assert (world.folder / name).stat().st_mode & 0o777 == 0o600
    assert any("pg_restore reads its table of contents" in one.said for one in done)
    assert {one.light for one in done} <= {"green", ""}


@pytest.mark.disaster(61)
def test_every_step_may_be_done_again(world: World) -> None:
    _, plan = planned(back_up_database, world.tools, **ASKED)
    run(plan, world.tools, RUN, times=3)
    assert len(world.manifests()) == 1
    undo(plan, world.tools, RUN, times=2)
    assert world.names() == world.names(world.far) == []
    assert list(world.folder.iterdir()) == []


def test_an_undo_leaves_the_backups_of_others_alone(world: World) -> None:
    _, plan = planned(back_up_database, world.tools, **ASKED)
    run(plan, world.tools, RUN)
    older = world.put(timedelta(hours=3))
    undo(plan, world.tools, RUN)
    assert world.names() == [f"{older}.dump.zst", f"{older}.dump.zst.manifest.json"]


def test_a_plain_dump_where_the_plan_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = world.keeps(format="plain")
    with pytest.raises(Refused, match=r"CVE-2025-8714.*format: archive"):
        planned(back_up_database, plain.tools, **ASKED)
    monkeypatch.setattr("actions.tools.dumps.programs.FIXED_MINORS", {16: 1})
    _, plan = planned(back_up_database, plain.tools, **ASKED)
    run(plan, plain.tools, RUN)
    (manifest,) = world.manifests()
    assert str(manifest["key"]).endswith(".sql.gz")
    text = gzip.decompress(world.bucket.read(str(manifest["key"]), 10**9))
    assert b"PostgreSQL database dump complete" in text[-200:]


def test_a_password_may_hold_the_signs_of_an_url(world: World) -> None:
    role, password = f"odd_{world.server.database}", "a%41/@:x"
    world.sql(f"create role {role} superuser login password '{password}'")
    url = f"postgresql://{role}:{quote(password, safe='')}@127.0.0.1:{world.pg.port}/{world.server.database}"
    odd = replace(world, server=replace(world.server, url=url))
    try:
        _, plan = planned(back_up_database, odd.tools, **ASKED)
        run(plan, odd.tools, RUN)
    finally:
        world.sql(f"drop role {role}")
    assert len(world.manifests()) == 1


def test_the_rows_are_those_of_the_dump_while_others_write(world: World) -> None:
    """The counts are read beside the dump, in its snapshot: what is written meanwhile is in neither."""
    over = threading.Event()

    def write() -> None:
        with world.pg.connect(world.server.database) as session:
            while not over.wait(0.002):
                session.execute(
                    "insert into usuarios (nome, email, criado_em) select 'x', gen_random_uuid(), now()"
                )

    writer = threading.Thread(target=write)
    writer.start()
    try:
        _, plan = planned(back_up_database, world.tools, **ASKED)
        run(plan, world.tools, RUN)
    finally:
        over.set()
        writer.join()
    newest = choose(list_backups(world.bucket), "latest")
    manifest = read_manifest(world.bucket, newest)
    with world.pg.copy_of("template0", "proof") as proof:
        archive = world.folder / newest.file_name
        restored = world.pg.programs / "pg_restore"
        subprocess.run(
            [restored, "--no-owner", f"--dbname={world.pg.url(proof)}"],
            input=b"".join(unpacked([archive.read_bytes()])),
            check=True,
        )
        with world.pg.connect(proof) as session:
            row = session.execute("select count(*) from usuarios").fetchone()
    assert row == (manifest.content.tables["public.usuarios"].rows,)


def test_another_backup_of_the_same_database_is_waited_for(world: World) -> None:
    _, plan = planned(back_up_database, world.tools, **ASKED)
    with (
        shared_snapshot(world.server, 11, 60.0),
        pytest.raises(Refused, match=r"another backup of this database is running: drbot:11, since"),
    ):
        plan.before[1].do(Context(world.tools, RUN))
    plan.before[1].do(Context(world.tools, RUN))


def test_what_a_killed_bot_left_of_the_same_run_is_ended(world: World) -> None:
    _, plan = planned(back_up_database, world.tools, **ASKED)
    with world.server.session(RUN) as left:
        left.execute("select pg_advisory_lock(hashtext('drbot:backup'), hashtext(current_database()))")
        plan.before[1].do(Context(world.tools, RUN))


def test_a_database_that_was_replaced_is_refused(world: World) -> None:
    facts, plan = planned(back_up_database, world.tools, **ASKED)
    moved = replace(facts, oid=facts.oid + 1)
    with pytest.raises(Refused, match="another database than the one that was shown"):
        back_up_database.plan(back_up_database.read_params(ASKED), moved).before[0].do(
            Context(world.tools, RUN)
        )
    assert back_up_database.drift(facts, moved)
    assert back_up_database.drift(facts, replace(facts, size_bytes=1)) is None
    assert plan.before[0].do(Context(world.tools, RUN)).said


def test_a_role_that_may_not_read_all_is_refused_before_anything(world: World) -> None:
    name = f"reader_{world.server.database}"
    world.sql(f"create role {name} login password 'local-password'")
    try:
        reader = world.server.login(name, "local-password", world.server.database)
        weak = replace(world, server=reader)
        with pytest.raises(Refused, match=rf"may not read public\.\w+.*grant {name} SELECT"):
            planned(back_up_database, weak.tools, **ASKED)
        world.sql(f"grant pg_read_all_data to {name}")
        _, plan = planned(back_up_database, weak.tools, **ASKED)
        run(plan, weak.tools, RUN)
        assert len(world.manifests()) == 1
    finally:
        world.sql(f"drop role {name}")


@pytest.mark.disaster(36)
def test_one_with_far_fewer_rows_is_published_and_marked(world: World) -> None:
    _, plan = planned(back_up_database, world.tools, **ASKED)
    run(plan, world.tools, RUN)
    world.sql("truncate pagamentos; delete from agendamentos where id % 2 = 0")
    world.put(timedelta(seconds=-30), manifest=False)  # an unproven one is no measure
    time.sleep(1.1)  # a backup is named by its second
    _, second = planned(back_up_database, world.tools, **ASKED)
    done = run(second, world.tools, RUN + 1)
    marked = [one for one in done if one.light == "amber"]
    assert any("fewer than" in one.said and "look at it" in one.said for one in marked)
    assert [bool(one["remark"]) for one in world.manifests()] == [False, True]


def test_a_copy_that_fails_costs_the_copy_and_not_the_backup(world: World, tmp_path: Path) -> None:
    blocked = tmp_path / "a file"
    blocked.write_text("in the way")
    keeping = replace(world.keeping.copies[0], directory=blocked)
    broken = world.keeps(copies=(keeping, world.keeping.copies[1]))
    _, plan = planned(back_up_database, broken.tools, **ASKED)
    done = run(plan, broken.tools, RUN)
    assert any("there is NO copy in local" in one.said and one.light == "amber" for one in done)
    assert len(world.manifests()) == 1
    assert world.names(world.far) == world.names()


def test_what_s3_holds_is_read_back_before_it_is_published(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, plan = planned(back_up_database, world.tools, **ASKED)
    context = Context(world.tools, RUN)
    plan.steps[0].do(context)
    temporary = next(key for key in world.names() if key.endswith(".dump.zst"))
    data = bytearray(world.bucket.read(world.bucket.prefix + temporary, 10**9))
    data[len(data) // 2] ^= 1
    world.bucket.put(world.bucket.prefix + temporary, bytes(data))
    with pytest.raises(NotVerified, match="is not what was dumped"):
        plan.steps[1].do(context)
    assert world.manifests() == []
    undo(plan, world.tools, RUN)
    assert world.names() == []


def test_the_same_on_moto(pg: RealPostgres, moto_s3: RealS3, tmp_path: Path) -> None:
    with pg.copy_of("salon", "belezza") as name:
        world = world_of(pg, moto_s3, name, tmp_path)
        _, plan = planned(back_up_database, world.tools, **ASKED)
        run(plan, world.tools, RUN, times=2)
        assert len(world.manifests()) == 1
        undo(plan, world.tools, RUN)
        assert world.names() == []
