"""One container replaced by a faithful one of another image, resumable at any point, and put back.

The new one is made under an interim name and is proven healthy before it takes the old one's name; where
two cannot run side by side (a published port, written data) the old one is stopped just before it starts.
What a run made is found again by its labels, so a repeat after a crash goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from actions.failures import NotVerified, Refused
from actions.tools.containers.engine_calls import Engine
from actions.tools.containers.engine_json import Json
from actions.tools.containers.recipe import OWN_LABEL, Recipe, lonely_because, recipe_of, written_own
from actions.tools.containers.replica import Replica, read_replica, wait_good

RUN_LABEL = "drbot.run"
MADE_LABEL = "drbot.made"
PIN_LABEL = "drbot.pin"


@dataclass(frozen=True)
class Replacing:
    """Replace the container `old` by one of `reference`, which must be the image `image_id`.

    `made` says which way it goes: `new` is forward, `back` is the way back. `pin` is the container that was
    shown with the plan: with `run` and `made` it names what is made, however often this is repeated.
    """

    run: int
    made: str
    pin: str
    old: str
    name: str
    reference: str
    image_id: str
    healthy_within_s: float
    grace_s: float
    progress: Callable[[str], None]

    @property
    def interim(self) -> str:
        """The new one's name until it is healthy."""
        return f"{self.name}__{self.made}_{self.run}"

    @property
    def aside(self) -> str:
        """The old one's name from then on."""
        return f"{self.name}__{'old' if self.made == 'new' else 'undone'}_{self.run}"

    @property
    def labels(self) -> Mapping[str, str]:
        """What the container that this makes carries beside its own labels."""
        return {RUN_LABEL: str(self.run), MADE_LABEL: self.made, PIN_LABEL: self.pin}


def made_by(engine: Engine, replacing: Replacing) -> Json | None:
    """The container that this has made before, if it is there."""
    found = engine.labelled(replacing.labels)
    return engine.container(found[0]) if found else None


def replace_container(engine: Engine, replacing: Replacing) -> Replica:
    """Do it, or what is left of it; the replica in place, healthy. The old one is stopped and kept aside.

    Raises Refused where the old one vanished or the reference names another image, NotVerified where the
    new one does not get healthy; what was made stays for `put_back` then.
    """
    old, made = engine.container(replacing.old), made_by(engine, replacing)
    if old is None:
        if made is not None and read_replica(made).name == replacing.name:
            return _kept_good(engine, replacing, made)
        raise Refused(f"{replacing.name} is not the container that was shown any more: it was removed")
    recipe = recipe_for(engine, old, replacing.reference)
    made = made or _create(engine, replacing, recipe)
    connect(engine, made, recipe)
    if read_replica(old).running and lonely_because(old):
        replacing.progress(f"stopping {replacing.name}")
        engine.stop(replacing.old, replacing.grace_s)
    engine.start(str(made["Id"]))
    _kept_good(engine, replacing, made)
    _take_name(engine, replacing, str(made["Id"]))
    engine.stop(replacing.old, replacing.grace_s)
    return _kept_good(engine, replacing, made)


def recipe_for(engine: Engine, container: Json, reference: str) -> Recipe:
    """How to make the container again, of another image. Refused where it would remove itself."""
    replica = read_replica(container)
    recipe = recipe_of(container, engine.image(replica.image_id) or {})
    if recipe.host_config.get("AutoRemove"):
        raise Refused(
            f"{replica.name} was started with --rm and goes when it is stopped: drbot leaves it alone"
        )
    return replace(recipe, config={**recipe.config, "Image": reference})


def _create(engine: Engine, replacing: Replacing, recipe: Recipe) -> Json:
    there = engine.image(replacing.reference)
    if there is None or there.get("Id") != replacing.image_id:
        raise Refused(f"{replacing.reference} names another image on this engine now: somebody moved it")
    own = recipe.config.get("Labels")
    labels = {**(own if isinstance(own, Mapping) else {}), OWN_LABEL: written_own(recipe), **replacing.labels}
    which = engine.create(replacing.interim, replace(recipe, config={**recipe.config, "Labels": labels}))
    made = engine.container(which)
    if made is None or made.get("Image") != replacing.image_id:
        engine.remove(which, its_volumes=True)
        raise Refused(f"{replacing.reference} was moved to another image in this moment")
    return made


def connect(engine: Engine, made: Json, recipe: Recipe) -> None:
    """Every network of the recipe and no other, before it is started."""
    which = str(made["Id"])
    settings = made.get("NetworkSettings")
    networks = settings.get("Networks") if isinstance(settings, Mapping) else None
    there = set(networks) if isinstance(networks, Mapping) else set()
    for network in recipe.networks:
        if network not in there:
            engine.join(which, network, recipe.networks[network])
    if recipe.networks:
        for network in there - set(recipe.networks):
            engine.leave(which, network)


def _take_name(engine: Engine, replacing: Replacing, made: str) -> None:
    """The old one steps aside, the new one takes its name; each only if it has not yet."""
    for which, name in ((replacing.old, replacing.aside), (made, replacing.name)):
        now = engine.container(which)
        if now is not None and read_replica(now).name != name:
            engine.rename(which, name)


def _kept_good(engine: Engine, replacing: Replacing, made: Json) -> Replica:
    return wait_good(
        engine, str(made["Id"]), replacing.healthy_within_s, replacing.progress, name=replacing.name
    )


def put_back(engine: Engine, replacing: Replacing, was_running: bool, was_good: bool) -> bool:
    """Take a forward replacement back while the old container is still there; whether it was.

    The old one is proven good again before the new one goes, where both can run. Safe to repeat. Raises
    NotVerified where the old one was good and is not any more.
    """
    old, made = engine.container(replacing.old), made_by(engine, replacing)
    if old is None:
        return False
    if made is not None and lonely_because(old):
        _discard(engine, replacing, made)
        made = None
    if was_running:
        engine.start(replacing.old)
        if was_good:
            wait_good(engine, replacing.old, replacing.healthy_within_s, replacing.progress, replacing.name)
    if made is not None and read_replica(made).name == replacing.name:
        engine.rename(str(made["Id"]), replacing.interim)
    if read_replica(old).name != replacing.name:
        engine.rename(replacing.old, replacing.name)
    if made is not None:
        _discard(engine, replacing, made)
    return True


def _discard(engine: Engine, replacing: Replacing, made: Json) -> None:
    """Stop and remove what was made, with the unnamed volumes that are its own."""
    engine.stop(str(made["Id"]), replacing.grace_s)
    engine.remove(str(made["Id"]), its_volumes=True)


def remove_aside(engine: Engine, replacing: Replacing) -> bool:
    """Remove the old container once the new one is good; whether it was there."""
    made, old = made_by(engine, replacing), engine.container(replacing.old)
    if made is None or not read_replica(made).good or read_replica(made).name != replacing.name:
        raise NotVerified(f"{replacing.name} is not healthy any more, so the old one is kept")
    if old is None:
        return False
    if read_replica(old).name != replacing.aside:
        raise Refused(f"the old {replacing.name} is not named {replacing.aside}: somebody renamed it")
    engine.remove(replacing.old)
    return True
