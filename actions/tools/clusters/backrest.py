"""pgBackRest: asked, told to back up and to restore; what it does well is left to it (decision 0014)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from actions.failures import Transient
from actions.tools.clusters.account import as_user
from actions.tools.clusters.backrest_errors import failure, told
from actions.tools.clusters.backrest_info import StanzaSeen, read_info
from actions.tools.clusters.cluster import Cluster
from actions.tools.command import Finished, run, streaming

INFO_LIMIT_BYTES = 8_000_000
_SHARE = re.compile(rb"(\d{1,3}(?:\.\d+)?)%\)")
_BAD = re.compile(r"(?:checksum invalid|size invalid|missing|other): ([1-9]\d*)")
_TAIL_BYTES = 64 * 1024
Tell = Callable[[str], None]


@dataclass(frozen=True)
class Target:
    """What a restore is to bring back: backup and repository, the point in time (None: all of the archive),
    and the timeline on which it lies (0: the newest).
    """

    label: str
    repo: int
    at: datetime | None
    timeline: int


@dataclass(frozen=True)
class Backrest:
    """pgBackRest for one cluster, run as the cluster's user; never through a shell."""

    cluster: Cluster

    def info(self) -> StanzaSeen:
        """Backups and archive of the stanza. Raises Refused or Transient with the reason."""
        finished = self._run(["--output=json", "info"], self.cluster.answer_timeout_s, INFO_LIMIT_BYTES)
        if finished.code != 0:
            raise failure(finished, f"tell of the stanza {self.cluster.stanza}")
        return read_info(finished.out, self.cluster.stanza)

    def check(self) -> None:
        """Prove that WAL written now reaches the archive. Raises Refused or Transient with the reason."""
        finished = self._run(["check"], self.cluster.answer_timeout_s)
        if finished.code != 0:
            raise failure(finished, f"bring the WAL of {self.cluster.stanza} into the archive")

    def verify(self, timeout_s: float) -> str:
        """Read every file of the repository and compare its checksum; '' where all of them hold.

        Raises Refused or Transient where it could not be done.
        """
        finished = self._run(["--log-level-console=info", "verify"], timeout_s)
        bad = _BAD.search(finished.out)
        code, said = told(f"{finished.err}\n{finished.out}")
        if bad or code == 26:
            return " ".join((said or bad[0] if bad else said).split())[:200]
        if finished.code != 0:
            raise failure(finished, f"verify the repository of {self.cluster.stanza}")
        return ""

    def back_up(self, kind: str, noted: str, tell: Tell, timeout_s: float) -> None:
        """Make a backup; `noted` (`name=value`) is written on it. Raises Refused or Transient."""
        words = [f"--type={kind}", "--start-fast", f"--annotation={noted}", "--log-level-console=detail"]
        self._follow([*words, "backup"], f"back up {self.cluster.stanza}", "backed up", tell, timeout_s)

    def restore(self, target: Target, into: Path, held: int, tell: Tell, timeout_s: float) -> None:
        """Restore into a directory beside the live one; what lies there of an earlier try is used again.

        The copy never archives, and writes no tablespace of the original. `held` is the lock on the
        directory, which pgBackRest holds until it has ended. Raises Refused or Transient.
        """
        words = [
            f"--set={target.label}",
            f"--repo={target.repo}",
            f"--pg1-path={into}",
            "--archive-mode=off",
            f"--tablespace-map-all={into}.tablespaces",
            "--log-level-console=detail",
            *(["--delta"] if any(into.iterdir()) else []),
            *([f"--target-timeline={target.timeline}"] if target.timeline else []),
        ]
        if target.at is not None:
            moment = target.at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f+00")
            words += ["--type=time", f"--target={moment}", "--target-action=promote"]
        self._follow([*words, "restore"], f"restore {target.label}", "restored", tell, timeout_s, (held,))

    def _follow(
        self,
        words: list[str],
        doing: str,
        done: str,
        tell: Tell,
        timeout_s: float,
        keep: tuple[int, ...] = (),
    ) -> None:
        """Run it and tell how far it is. Raises Refused or Transient where it fails."""
        argv = self._argv(words)
        tail = b""
        with streaming(argv, timeout_s, keep=keep) as (chunks, ended):
            for chunk in chunks:
                tail = (tail + chunk)[-_TAIL_BYTES:]
                for share in _shares(chunk):
                    tell(f"{share} % {done}")
            code, err = ended()
        if code != 0:
            raise failure(Finished(tuple(map(str, argv)), code, tail.decode(errors="replace"), err), doing)

    def _run(self, words: list[str], timeout_s: float, limit_bytes: int = _TAIL_BYTES) -> Finished:
        try:
            return run(self._argv(words), timeout_s, limit_bytes=limit_bytes)
        except Transient as error:
            raise Transient(f"pgBackRest did not answer within {timeout_s:.0f} s ({words[-1]})") from error

    def _argv(self, words: list[str]) -> tuple[str | Path, ...]:
        cluster = self.cluster
        plain = ["--log-timestamp=n", "--log-level-stderr=error", "--log-level-file=off"]
        if not any(word.startswith("--log-level-console") for word in words):
            plain.append("--log-level-console=off")
        about = (f"--config={cluster.config}", f"--stanza={cluster.stanza}", *plain)
        return as_user(cluster.user, (cluster.backrest, *about, *words))


def _shares(chunk: bytes) -> Iterator[str]:
    found = _SHARE.findall(chunk)
    if found:
        yield found[-1].decode()
