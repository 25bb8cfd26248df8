"""Looking at servers: a real node_exporter, a real Prometheus, and pages that say what is alarming."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.hosts.look import look_at_hosts
from actions.plan import Evidence, Refused, Transient
from actions.tools.monitors.host_numbers import read
from actions.tools.monitors.hosts import Host, Hosts
from actions.tools.monitors.monitoring import Monitoring
from actions.tools.toolbox import FixedToolbox
from tests.actions.running import planned, run
from tests.real import node_exporter, prometheus
from tests.real.node_exporter import numbers, page
from tests.real.processes import wait_for
from tests.real.proxy import proxy


def _look(hosts: Hosts, host: str = "") -> tuple[Evidence, Mapping[str, str]]:
    """What the look says at last, and the rows of each server."""
    tools = FixedToolbox(machines={"staging": hosts})
    _, plan = planned(look_at_hosts, tools, environment="staging", host=host)
    done = run(plan, tools, 7)
    return done[-1], done[-2].values


def _hosts(**exporters: str) -> Hosts:
    return Hosts({name: Host(name, url) for name, url in exporters.items()}, timeout_s=1.0)


def _said(text: str) -> list[str]:
    with page(text) as served:
        worst, _ = _look(_hosts(api=f"http://127.0.0.1:{served.port}"))
    return [worst.said, *worst.values.values()]


def test_a_real_exporter_tells_disk_memory_and_load(tmp_path: Path) -> None:
    if node_exporter.absent():
        pytest.skip(node_exporter.absent())
    with node_exporter.node_exporter(tmp_path) as port:
        _, rows = _look(
            Hosts({"db": Host("db", f"http://127.0.0.1:{port}")}, timeout_s=30.0)  # a busy machine is slow
        )
    memory_kib = next(
        int(line.split()[1])
        for line in Path("/proc/meminfo").read_text().splitlines()
        if line.startswith("MemTotal")
    )
    assert rows["db memory"].endswith(f"{memory_kib / 1024 / 1024:.1f} GiB available")
    assert " on " in rows["db load"]
    assert "up for" in rows["db load"]


def test_prometheus_tells_the_same_and_when_a_disk_will_be_full(tmp_path: Path) -> None:
    if prometheus.absent():
        pytest.skip(prometheus.absent())
    with contextlib.ExitStack() as stack:
        served = stack.enter_context(page(numbers(disk_free=0.5)))
        instance = f"127.0.0.1:{served.port}"
        url = stack.enter_context(prometheus.real_prometheus(tmp_path, instance, "127.0.0.1:9"))
        watched = Monitoring(url, timeout_s=10.0)
        hosts = Hosts({"db": Host("db", instance=instance)}, watched)
        free = 0.5

        def falling() -> bool:
            nonlocal free
            free -= 0.0005  # fast enough to be full within hours
            served.text = numbers(disk_free=free)
            try:
                return hosts.see(hosts.by_name["db"]).disks[0].full_in_s is not None
            except Refused:  # not scraped yet
                return False

        wait_for("a forecast", falling, 60)
        worst, rows = _look(hosts)
        assert "% free" in rows["db disk /"]
        assert "full in about" in rows["db disk /"]
        assert rows["db load"].startswith("0.10 0.10 0.10 on 2 cores, up for 4 days")
        assert worst.said.startswith("db: the disk at / has")
        assert "/var/log/belezza/" in worst.values["would help 1"]
        both = Hosts(
            {"db": Host("db", f"http://127.0.0.1:{served.port}", instance)},
            Monitoring("http://127.0.0.1:9"),
            timeout_s=5.0,
        )
        _, rows = _look(both)  # Prometheus is out: the exporter's own numbers, without a forecast
        assert "full in about" not in rows["db disk /"]
        with pytest.raises(Refused, match="has no numbers of the instance 'nowhere:9100'"):
            _look(Hosts({"db": Host("db", instance="nowhere:9100")}, watched))


@pytest.mark.parametrize(
    ("text", "alarm"),
    [
        (numbers(disk_free=0.04), "api: the disk at / has 4 % free (3.7 GiB)"),
        (numbers(inodes_free=0.01), "api: the disk at / has 1 % of its inodes free"),
        (numbers(memory_free=0.02), "api: 152.6 MiB of memory available (2 %)"),
        (numbers(swap_free=0.1), "api: 90 % of its swap is in use"),
        (numbers(load=9), "api: load 9.0 on 2 cores over the last five minutes"),
        (numbers(readonly=1), "api: the disk at / is mounted read-only"),
    ],
)
def test_what_is_alarming_is_said_first_and_what_would_help_with_it(text: str, alarm: str) -> None:
    said = _said(text)
    assert said[0] == alarm
    assert len(said) == 3  # the sentence, the finding, what would help


def test_a_server_that_is_well_alarms_nobody() -> None:
    assert _said(numbers()) == ["nothing alarming on api"]


def test_the_worst_of_several_comes_first_and_one_that_is_silent_is_not_forgotten() -> None:
    with page(numbers(disk_free=0.1)) as poor, page(numbers(disk_free=0.01)) as worse:
        url = "http://127.0.0.1:{}".format
        hosts = _hosts(one=url(poor.port), two=url(worse.port))
        assert _look(hosts)[0].said == "two: the disk at / has 1 % free (953.7 MiB) (and 1 more)"
        assert [_look(hosts, one)[0].light for one in ("one", "two")] == ["amber", "red"]
        assert _look(hosts, "one")[0].said.startswith("one: the disk at / has 10 % free")
        worst, _ = _look(_hosts(one=url(poor.port), dead="http://127.0.0.1:9"))
        assert worst.said.startswith("dead: no numbers: the exporter of dead at")
        with pytest.raises(Refused, match="the plan has no host 'three'; it has one, two"):
            _look(hosts, "three")


def test_nobody_answers_hangs_or_refuses() -> None:
    with page(numbers()) as served, proxy(("127.0.0.1", served.port)) as way:
        hosts = _hosts(api=way.url)
        with way.refuse(), pytest.raises(Transient, match="does not answer"):
            _look(hosts)
        with way.hang(), pytest.raises(Transient, match="did not answer within 1 s"):
            _look(hosts)
        with way.answer(403), pytest.raises(Refused, match="refuses drbot"):
            _look(hosts)
        with way.answer(500), pytest.raises(Transient, match="answered 500"):
            _look(hosts)
        assert _look(hosts)[0].said == "nothing alarming on api"
        assert _look(hosts)[0].light == "green"


@pytest.mark.parametrize("text", ["", "<html>hello</html>", "up 1\n", "node_load1 {broken\n", "\x00\n"])
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(Refused, match=r"node_exporter"):
        _said(text)


def test_a_host_without_any_source_is_refused() -> None:
    with pytest.raises(Refused, match="names neither an exporter nor an instance"):
        _look(Hosts({"db": Host("db", instance="db:9100")}))


LABELS = st.fixed_dictionaries(
    {
        "mountpoint": st.sampled_from(["/", "/data", "/data/deep", "x" * 300]),
        "device": st.sampled_from(["/dev/a", "/dev/b"]),
        "fstype": st.sampled_from(["ext4", "tmpfs", "overlay"]),
        "cpu": st.sampled_from(["0", "1"]),
    }
)
VALUES = st.floats(allow_nan=True, allow_infinity=True)


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "node_load1",
                "node_load5",
                "node_filesystem_size_bytes",
                "node_filesystem_avail_bytes",
                "node_filesystem_files",
                "node_filesystem_files_free",
                "node_memory_MemTotal_bytes",
                "node_cpu_seconds_total",
                "node_boot_time_seconds",
            ]
        ),
        st.lists(st.tuples(LABELS, VALUES), max_size=6),
    )
)
def test_any_numbers_can_be_read(readings: dict[str, list[tuple[Mapping[str, str], float]]]) -> None:
    try:
        seen = read("api", readings)
    except Refused:
        return
    devices = [disk.device for disk in seen.disks]
    assert len(devices) == len(set(devices))
    assert all(disk.size_bytes > 0 and disk.free_bytes >= 0 for disk in seen.disks)
