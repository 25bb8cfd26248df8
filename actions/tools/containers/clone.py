"""One more replica beside those of a service, made like one of them; and whether that may be done at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from actions.failures import NotVerified, Refused
from actions.tools.containers.engine_calls import Engine, split
from actions.tools.containers.engine_json import Json, part, parts
from actions.tools.containers.images import id_of
from actions.tools.containers.recipe import OURS, OWN_LABEL, Recipe, written_own
from actions.tools.containers.replacement import MADE_LABEL, RUN_LABEL, connect, recipe_for
from actions.tools.containers.replica import NUMBER_LABEL, PROJECT_LABEL, SERVICE_LABEL, Replica, read_replica

_UNNAMED = re.compile(r"[0-9a-f]{64}")
STORES = ("postgres", "mysql", "mariadb", "redis", "valkey", "mongo", "rabbitmq", "kafka", "elasticsearch")


@dataclass(frozen=True)
class Clone:
    """One replica to be: its number and name, the labels by which it is found again, and its image."""

    run: int
    made: str
    number: int
    name: str
    source: str
    reference: str
    image_id: str


def name_for(replica: Replica, number: int) -> str:
    """`project_api_1` with another number; '' where the name is a fixed one."""
    found = re.fullmatch(r"(.*[_-])(\d+)", replica.name)
    return f"{found[1]}{number}" if found and int(found[2]) == replica.number else ""


def cannot_scale(container: Json) -> str:
    """Why there must be only one of it ('' where more may be): what two would fight over."""
    replica, host = read_replica(container), part(container, "HostConfig")
    bound = part(host, "PortBindings")
    fixed = [port for port, ways in bound.items() if any(_fixed(way) for way in parts(ways))]
    if fixed:
        return f"it publishes {', '.join(fixed[:3])} on a fixed port of the host, which only one can have"
    mode = str(host.get("NetworkMode") or "")
    if mode == "host" or mode.startswith("container:"):
        return "it has no network of its own"
    for settings in part(part(container, "NetworkSettings"), "Networks").values():
        if isinstance(settings, Mapping) and settings.get("IPAMConfig"):
            return "it has a fixed address, which only one can have"
    if not name_for(replica, 1):
        return f"it is named {replica.name} (container_name), and two cannot have one name"
    return _shared_data(container, replica)


def store_of(replica: Replica) -> str:
    """The data store that its image is, '' where it is none that drbot knows."""
    store = split(replica.reference)[0].rpartition("/")[2].lower()
    known = any(store == name or store.startswith((f"{name}-", f"{name}_")) for name in STORES)
    return store if known else ""


def _shared_data(container: Json, replica: Replica) -> str:
    store = store_of(replica)
    if store:
        return f"it is a data store ({store}): a second one would hold other data under the same name"
    for mount in parts(container.get("Mounts")):
        name = str(mount.get("Name") or "")
        if mount.get("Type") == "volume" and mount.get("RW") and not _UNNAMED.fullmatch(name):
            return f"it writes to the volume {name}, and two that write to one volume may spoil it"
    return ""


def _fixed(way: Json) -> bool:
    return str(way.get("HostPort") or "0") != "0"


def find_clone(engine: Engine, project: str, service: str, clone: Clone) -> Json | None:
    """What an earlier life of the same run made for this number, if it is there."""
    wanted = {
        PROJECT_LABEL: project, SERVICE_LABEL: service, NUMBER_LABEL: str(clone.number),
        RUN_LABEL: str(clone.run), MADE_LABEL: clone.made,
    }  # fmt: skip
    found = engine.labelled(wanted)
    return engine.container(found[0]) if found else None


def make_clone(engine: Engine, project: str, service: str, clone: Clone) -> str:
    """Create, connect and start it; its id. Safe to repeat. Raises Refused where its model or image is gone,
    or somebody else has its name.
    """
    made, source = find_clone(engine, project, service, clone), engine.container(clone.source)
    if source is None:
        raise Refused(f"the replica that {clone.name} is to be like is gone")
    recipe = _recipe(engine, source, clone)
    if made is None:
        if id_of(engine.image(clone.reference)) != clone.image_id:
            raise Refused(
                f"{clone.reference} names another image now than the replicas run: redeploy the service first"
            )
        made = engine.container(engine.create(clone.name, recipe))
    if made is None:
        raise NotVerified(f"{clone.name} was removed as soon as it was made")
    connect(engine, made, recipe)
    engine.start(str(made["Id"]))
    return str(made["Id"])


def _recipe(engine: Engine, source: Json, clone: Clone) -> Recipe:
    """The source's recipe with a number, a name and unnamed volumes of its own."""
    recipe, was = recipe_for(engine, source, clone.reference), read_replica(source)
    own = part(recipe.config, "Labels")
    labels = {name: value for name, value in own.items() if not name.startswith(OURS)}
    labels |= {NUMBER_LABEL: str(clone.number), OWN_LABEL: written_own(recipe)}
    labels |= {RUN_LABEL: str(clone.run), MADE_LABEL: clone.made}
    networks = {name: _renamed(one, was.name, clone.name) for name, one in recipe.networks.items()}
    config = {**recipe.config, "Labels": labels}
    return replace(recipe, config=config, host_config=_without_unnamed(recipe.host_config), networks=networks)


def _renamed(settings: Json, was: str, name: str) -> Json:
    aliases = settings.get("Aliases")
    if not isinstance(aliases, list):
        return settings
    return {**settings, "Aliases": [name if alias == was else alias for alias in aliases]}


def _without_unnamed(host: Json) -> Json:
    """The host's part without the other's unnamed volumes: the engine makes new ones."""
    binds = host.get("Binds")
    kept = [one for one in binds if not _UNNAMED.match(str(one))] if isinstance(binds, list) else None
    mounts = [
        {**one, "Source": ""} if _UNNAMED.fullmatch(str(one.get("Source") or "")) else one
        for one in parts(host.get("Mounts"))
    ]
    return {**host, "Binds": kept or None, **({"Mounts": mounts} if mounts else {})}
