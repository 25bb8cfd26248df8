"""What a container was told by people, apart from what its image gave: enough to make it again from another.

An inspected container shows both mixed. Copying it whole would carry the old image's command, variables and
labels into the new one, so each image default is subtracted first. Pure: records in, records out.
Source: the engine's own merge of image and user settings, read backwards (Docker Engine API, containers).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from actions.tools.containers.engine_json import Json, part, parts, words

OURS = "drbot."
OWN_LABEL = "drbot.own"
_ITEMS = ("Labels", "Volumes", "ExposedPorts", "Healthcheck")
_SINGLE = ("WorkingDir", "User", "StopSignal", "Shell")
_NO_ALIASES = ("", "default", "bridge", "host", "none")


@dataclass(frozen=True)
class Recipe:
    """How to make a container: `config` without image defaults, and with its `Image`; the host's part; each
    network's settings by name. `own` names (never values) what was people's own, for the next time.
    """

    config: Json
    host_config: Json
    networks: Mapping[str, Json]
    own: Mapping[str, tuple[str, ...]]

    @property
    def first_network(self) -> str:
        """The network it is created on; '' where it has none of its own (host, none, another's)."""
        mode = str(self.host_config.get("NetworkMode") or "")
        if mode in self.networks:
            return mode
        alias = "bridge" if mode in ("", "default") else ""
        return alias if alias in self.networks else ""


def recipe_of(container: Json, image: Json) -> Recipe:
    """The container (as inspected) without the defaults of its image (as inspected)."""
    config = dict(part(container, "Config"))
    defaults = part(image, "Config")
    own = _own(config, defaults)
    kept = {name: value for name, value in config.items() if name != "OnBuild"}
    for name in _SINGLE:
        if name not in own["single"]:
            kept.pop(name, None)
    if "Cmd" not in own["single"]:
        kept.pop("Cmd", None)
    if "Entrypoint" not in own["single"]:
        kept.pop("Entrypoint", None)
    kept["Env"] = [one for one in words(config.get("Env")) if one.partition("=")[0] in own["Env"]]
    for name in _ITEMS:
        items = {key: value for key, value in part(config, name).items() if key in own[name]}
        kept[name] = items or None
    host = _host(container)
    if _borrowed_hostname(container, host):
        kept.pop("Hostname", None)
    return Recipe(kept, host, _networks(container), own)


def _own(config: Json, defaults: Json) -> dict[str, tuple[str, ...]]:
    """Names of what people set: as it was written down when drbot made the container, else what differs."""
    written = _written(part(config, "Labels").get(OWN_LABEL))
    if written is not None:
        return written
    given = set(words(defaults.get("Env")))
    own = {"Env": tuple(one.partition("=")[0] for one in words(config.get("Env")) if one not in given)}
    for name in _ITEMS:
        default = part(defaults, name)
        differing = [key for key, value in part(config, name).items() if default.get(key, _ABSENT) != value]
        own[name] = tuple(key for key in differing if not (name == "Labels" and key.startswith(OURS)))
    single = [name for name in _SINGLE if (config.get(name) or None) != (defaults.get(name) or None)]
    own["single"] = (*single, *_command(config, defaults))
    return own


_ABSENT = object()


def _command(config: Json, defaults: Json) -> tuple[str, ...]:
    """Cmd and Entrypoint together: a set entrypoint makes the engine forget the image's command."""
    if (config.get("Entrypoint") or None) != (defaults.get("Entrypoint") or None):
        return ("Entrypoint", "Cmd")
    return ("Cmd",) if (config.get("Cmd") or None) != (defaults.get("Cmd") or None) else ()


def _written(label: object) -> dict[str, tuple[str, ...]] | None:
    if not isinstance(label, str):
        return None
    try:
        found = json.loads(label)
    except ValueError:
        return None
    wanted = {"Env", "single", *_ITEMS}
    if not isinstance(found, dict) or set(found) != wanted:
        return None
    if not all(isinstance(names, list) for names in found.values()):
        return None
    return {str(part): tuple(str(name) for name in names) for part, names in found.items()}


def written_own(recipe: Recipe) -> str:
    """The label that says which settings are people's own: names only, never a value."""
    return json.dumps({part: list(names) for part, names in recipe.own.items()}, separators=(",", ":"))


def _host(container: Json) -> Json:
    """The host's part whole, with every unnamed volume by the name it has now."""
    host = dict(part(container, "HostConfig"))
    named = {str(mount.get("Destination")): mount for mount in parts(container.get("Mounts"))}
    mounts = [_with_source(mount, named) for mount in parts(host.get("Mounts"))]
    binds = words(host.get("Binds"))
    covered = {str(mount.get("Target")) for mount in mounts}
    covered |= {bind.split(":")[1] for bind in binds if bind.count(":")}
    for where, mount in named.items():
        if mount.get("Type") == "volume" and where not in covered:
            binds.append(f"{mount.get('Name')}:{where}" + ("" if mount.get("RW") else ":ro"))
    if mounts:
        host["Mounts"] = mounts
    host["Binds"] = binds or None
    host["Links"] = [_link(one) for one in words(host.get("Links"))] or None
    return host


def _with_source(mount: Json, named: Mapping[str, Json]) -> Json:
    there = named.get(str(mount.get("Target")))
    if mount.get("Type") != "volume" or mount.get("Source") or there is None:
        return mount
    return {**mount, "Source": there.get("Name")}


def _link(told: str) -> str:
    """`/db:/api/database`, as it is inspected, is `db:database`, as it is given."""
    name, _, alias = told.partition(":")
    return f"{name.lstrip('/')}:{alias.rsplit('/', 1)[-1]}"


def _borrowed_hostname(container: Json, host: Json) -> bool:
    """Whether the host name is the container's short id, or another's."""
    hostname = str(part(container, "Config").get("Hostname") or "")
    if str(host.get("NetworkMode") or "").startswith("container:") or host.get("UTSMode") == "host":
        return True
    return bool(hostname) and str(container.get("Id") or "").startswith(hostname)


def _networks(container: Json) -> dict[str, Json]:
    """Settings of each network that the container chose for itself; none for host, none and another's."""
    mode = str(part(container, "HostConfig").get("NetworkMode") or "")
    if mode in ("host", "none") or mode.startswith("container:"):
        return {}
    short = str(container.get("Id") or "")[:12]
    networks = part(part(container, "NetworkSettings"), "Networks")
    return {
        name: _endpoint(name, cast(Json, settings) if isinstance(settings, Mapping) else {}, short)
        for name, settings in networks.items()
    }


def _endpoint(name: str, settings: Json, short: str) -> Json:
    kept: dict[str, object] = {
        part: settings[part] for part in ("IPAMConfig", "Links", "DriverOpts") if settings.get(part)
    }
    aliases = [alias for alias in words(settings.get("Aliases")) if alias != short]
    if aliases and name not in _NO_ALIASES:
        kept["Aliases"] = aliases
    return kept


def lonely_because(container: Json) -> str:
    """Why a second one cannot run beside it for a while ('' where it can): ports, addresses, written data."""
    host, config = part(container, "HostConfig"), part(container, "Config")
    ports = [port for port, bound in part(host, "PortBindings").items() if bound]
    if ports or host.get("PublishAllPorts"):
        return f"it publishes {', '.join(ports) or 'its ports'} on the host"
    mode = str(host.get("NetworkMode") or "")
    if mode == "host" or mode.startswith("container:"):
        return "it uses the host's network" if mode == "host" else "it shares another container's network"
    for name, settings in _networks(container).items():
        if part(settings, "IPAMConfig"):
            return f"it has a fixed address in {name}"
    if config.get("MacAddress"):
        return "it has a fixed hardware address"
    written = [str(one.get("Destination")) for one in parts(container.get("Mounts")) if one.get("RW")]
    if written:
        return f"it writes to {', '.join(sorted(written)[:3])}, which two must not at once"
    return "it uses a device of the host" if host.get("Devices") else ""
