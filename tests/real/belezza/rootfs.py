"""A root file system of this machine's own programs, as a tar archive: what they load, and nothing else."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import py_compile
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

PASSWD = """\
root:x:0:0:root:/root:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/bin/false
postgres:x:999:999:PostgreSQL:/var/lib/postgresql:/bin/sh
"""
GROUP = "root:x:0:\nnogroup:x:65534:\npostgres:x:999:\n"
APPLETS = (
    "sh",
    "sleep",
    "wget",
    "cat",
    "touch",
    "rm",
    "ls",
    "echo",
    "mkdir",
    "kill",
    "hostname",
    "date",
    "true",
)
LISTING = "import sys\nfor m in list(sys.modules.values()): print(getattr(m, '__file__', None) or '')"


@dataclass
class RootFs:
    """Files by their path in the image. Build it up, then `digest` names it and `tar` packs it."""

    files: dict[str, tuple[bytes, int]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    folders: dict[str, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def with_shell(cls) -> RootFs:
        """The accounts, a /tmp, and busybox with the few names that are used."""
        made = cls()
        made.text("/etc/passwd", PASSWD)
        made.text("/etc/group", GROUP)
        made.text("/etc/nsswitch.conf", "hosts: files dns\n")
        made.folders["/tmp"] = (0o1777, 0)
        made.program("busybox", "/bin/busybox")
        made.links |= {f"/bin/{name}": "busybox" for name in APPLETS}
        return made

    def text(self, path: str, content: str, mode: int = 0o644) -> None:
        """A small file."""
        self.files[path] = (content.encode(), mode)

    def copy(self, source: Path, path: str = "") -> None:
        """One file, to the same path unless another is given; what it links to, not the link."""
        mode = 0o755 if source.stat().st_mode & 0o111 else 0o644
        self.files[path or str(source)] = (source.read_bytes(), mode)

    def tree(self, source: Path, path: str, without: tuple[str, ...] = ()) -> None:
        """A folder's files; `without` are parts of names to leave out."""
        for found in sorted(source.rglob("*")):
            if found.is_file() and not any(part in str(found) for part in without):
                self.copy(found, f"{path}/{found.relative_to(source)}")

    def program(self, name: str | Path, path: str = "") -> None:
        """A program and the libraries that it loads. Raises FileNotFoundError where it is not installed."""
        source = Path(shutil.which(name) or _sbin(str(name)))
        self.copy(source, path)
        self.libraries(source)

    def libraries(self, binary: Path) -> None:
        """The shared libraries of a program or library, where its loader looks for them."""
        listed = subprocess.run(
            ["ldd", binary], capture_output=True, text=True, timeout=20, check=False
        ).stdout
        for word in listed.split():
            if word.startswith("/") and word not in self.files:
                self.copy(Path(word))

    def python(self, script: Path, path: str) -> None:
        """This Python with just the modules that a script imports; it starts as /usr/bin/python3."""
        source = Path(sys.base_prefix, "bin", f"python{sys.version_info.major}.{sys.version_info.minor}")
        source = source.resolve()
        imports = [line for line in script.read_text().splitlines() if line.startswith(("import ", "from "))]
        program = "\n".join([*imports, "import encodings.idna, _strptime", LISTING])
        argv = [str(source), "-I", "-S", "-c", program]
        listed = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=True).stdout
        self.copy(source, "/usr/bin/python3")
        self.libraries(source)
        for found in sorted(set(filter(None, listed.splitlines()))):
            self.copy(Path(found))
            if found.endswith(".so"):
                self.libraries(Path(found))
            else:
                self.compiled(Path(found))
        self.copy(Path(sys.base_prefix, "lib", f"python3.{sys.version_info.minor}", "os.py"))
        self.folders[f"{sys.base_prefix}/lib/python3.{sys.version_info.minor}/lib-dynload"] = (0o755, 0)
        self.copy(script, path)

    def compiled(self, module: Path) -> None:
        """A module's bytecode where Python looks for it: without, each start compiles all of them anew."""
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder, "module.pyc")
            mode = py_compile.PycInvalidationMode.UNCHECKED_HASH  # the image keeps no times
            py_compile.compile(str(module), str(made), doraise=True, invalidation_mode=mode)
            self.files[importlib.util.cache_from_source(str(module))] = (made.read_bytes(), 0o644)

    @property
    def digest(self) -> str:
        """Twelve hex digits of everything that goes in."""
        seen = hashlib.sha256()
        for path, (content, mode) in sorted(self.files.items()):
            seen.update(f"{path} {mode} {len(content)}\n".encode())
            seen.update(content)
        seen.update(repr((sorted(self.links.items()), sorted(self.folders.items()))).encode())
        return seen.hexdigest()[:12]

    def tar(self) -> bytes:
        """The archive, the same for the same content."""
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as archive:
            for path, (mode, owner) in self.folders.items():
                entry = tarfile.TarInfo(path.lstrip("/"))
                entry.type, entry.mode, entry.uid, entry.gid = tarfile.DIRTYPE, mode, owner, owner
                archive.addfile(entry)
            for path, (content, mode) in sorted(self.files.items()):
                entry = tarfile.TarInfo(path.lstrip("/"))
                entry.mode, entry.size = mode, len(content)
                archive.addfile(entry, io.BytesIO(content))
            for path, target in self.links.items():
                entry = tarfile.TarInfo(path.lstrip("/"))
                entry.type, entry.linkname, entry.mode = tarfile.SYMTYPE, target, 0o777
                archive.addfile(entry)
        return out.getvalue()


def _sbin(name: str) -> str:
    found = Path("/usr/sbin", name)
    if not found.exists():
        raise FileNotFoundError(f"{name} is not installed")
    return str(found)
