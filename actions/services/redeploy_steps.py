"""The steps of a redeploy and its way back, one replica at a time; each may be repeated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from actions.amounts import counted
from actions.failures import NotVerified, Refused, Transient
from actions.plan import Context, Evidence
from actions.services.redeploy_survey import (
    RedeployFacts,
    RedeployParams,
    ask_again,
    moved_image,
    survey,
)
from actions.services.replica_pins import ReplicaPin, moved_replica
from actions.tools.containers.engine_calls import CALL_TIMEOUT_S, Engine, engine_of
from actions.tools.containers.images import KEPT_AT_MOST, digests_of, id_of, kept_name, pull, short, tags_like
from actions.tools.containers.replacement import Replacing, made_by, put_back, remove_aside, replace_container
from actions.tools.containers.replica import Replica, read_replica, wait_good


class Redeploy:
    """Over the replicas that were shown and no others."""

    def __init__(self, params: RedeployParams, facts: RedeployFacts) -> None:
        self.params = params
        self.facts = facts

    @contextmanager
    def engine(self, context: Context, timeout_s: float = CALL_TIMEOUT_S) -> Iterator[Engine]:
        """The environment's engine for one step."""
        with engine_of(context.tools.services(self.params.environment), timeout_s) as opened:
            yield opened

    def check_replicas(self, context: Context) -> Evidence:
        """Guard: the containers are those shown."""
        moved = moved_replica(self.facts.replicas, survey(context.tools, self.params).replicas)
        if moved:
            raise Refused(f"{moved}: nothing was changed; ask again")
        return Evidence(f"{counted(len(self.facts.replicas), 'container')} as shown")

    def check_image(self, context: Context) -> Evidence:
        """Guard: the registry (or, without one, the engine) has the image that was shown."""
        facts = self.facts
        with self.engine(context) as engine:
            if facts.remote_digest:
                remote = ask_again(engine, context.tools.services(self.params.environment), facts)
                if remote.standing == "silent":
                    raise Transient(remote.said)
                if remote.digest != facts.remote_digest:
                    raise Refused(f"{moved_image(facts, remote.digest)}: nothing was changed; ask again")
                return Evidence(f"the registry had {short(remote.digest)} under {facts.reference}")
            self._expected(engine)
        return Evidence(f"{facts.reference} was {short(facts.local_id)} on this engine")

    def _expected(self, engine: Engine) -> str:
        """The id of the image to run. Refused where the reference names another one by now."""
        image, facts = engine.image(self.facts.reference), self.facts
        fits = (
            facts.remote_digest in digests_of(image)
            if facts.remote_digest
            else id_of(image) == facts.local_id
        )
        if not fits:
            raise Refused(f"{facts.reference} names another image on this engine than was shown")
        return id_of(image)

    def pull(self, context: Context) -> Evidence:
        """Step: have the image here, with the digest that was shown."""
        facts = self.facts
        project = context.tools.services(self.params.environment)
        with self.engine(context, project.pull_timeout_s) as engine:
            if facts.remote_digest in digests_of(engine.image(facts.reference)):
                return Evidence(f"{short(facts.remote_digest)} was on this engine already")
            pull(engine, project, facts.reference, facts.remote_digest, context.progress)
        return Evidence(
            f"pulled {facts.reference}; its digest is the one shown", {"digest": facts.remote_digest}
        )

    def keep_old(self, context: Context) -> Evidence:
        """Step: give the images that run now a name of their own, so that no pruning takes the way back."""
        with self.engine(context) as engine:
            kept = self._kept(context.run)
            for image_id, name in kept.items():
                if engine.image(image_id) is None:
                    raise Refused(f"the image {short(image_id)} that runs now is not on the engine any more")
                engine.tag(image_id, name)
            one = next(iter(kept.values()))
            for name in tags_like(engine, one)[KEPT_AT_MOST:]:
                engine.untag(name)
        return Evidence(f"kept {', '.join(kept.values())}")

    def _kept(self, run: int) -> Mapping[str, str]:
        images = dict.fromkeys(pin.image_id for pin in self.facts.replicas)
        return {
            image_id: kept_name(self.facts.project, self.facts.service, run, index)
            for index, image_id in enumerate(images)
        }

    def recreate(self, pin: ReplicaPin, context: Context) -> Evidence:
        """Step: replace one replica and wait until the new one is healthy."""
        with self.engine(context) as engine:
            done = replace_container(engine, self._forward(pin, context, self._expected(engine)))
        return Evidence(f"{pin.name} ran {short(done.image_id)} and was {done.state}", {"id": done.id[:12]})

    def _forward(self, pin: ReplicaPin, context: Context, image_id: str = "") -> Replacing:
        facts = self.facts
        return Replacing(
            context.run, "new", pin.id, pin.id, pin.name, facts.reference, image_id, facts.healthy_within_s,
            facts.stop_within_s, context.progress,
        )  # fmt: skip

    def remove_old(self, context: Context) -> Evidence:
        """Step: once every new one is healthy, remove the stopped old ones. Their image stays."""
        with self.engine(context) as engine:
            self._all_good(engine, context)
            for pin in self.facts.replicas:
                remove_aside(engine, self._forward(pin, context))
        return Evidence(
            f"removed {counted(len(self.facts.replicas), 'stopped old container')}; the image stays"
        )

    def _all_good(self, engine: Engine, context: Context) -> list[Replica]:
        seen = []
        for pin in self.facts.replicas:
            made = made_by(engine, self._forward(pin, context))
            if made is None or read_replica(made).name != pin.name:
                raise NotVerified(f"{pin.name} is not the container that this run made")
            within_s = self.facts.healthy_within_s
            seen.append(wait_good(engine, str(made["Id"]), within_s, context.progress, pin.name))
        return seen

    def check_healthy(self, context: Context) -> Evidence:
        """Check: every replica is healthy and none is left over."""
        with self.engine(context) as engine:
            seen = self._all_good(engine, context)
        return Evidence(
            f"{len(seen)} of {counted(len(seen), 'replica')} healthy", {one.name: one.state for one in seen}
        )

    def check_digest(self, context: Context) -> Evidence:
        """Check: each runs the image that was shown."""
        facts = self.facts
        with self.engine(context) as engine:
            for one in self._all_good(engine, context):
                image = engine.image(one.image_id)
                right = facts.remote_digest in digests_of(image) if facts.remote_digest else True
                if not right or (not facts.remote_digest and one.image_id != facts.local_id):
                    raise NotVerified(f"{one.name} runs {short(one.image_id)}, not the image shown")
        which = facts.remote_digest or facts.local_id
        return Evidence(f"every replica ran {short(which)}", {"image": which})

    def bring_back(self, pin: ReplicaPin, context: Context) -> Evidence:
        """Undo: the replica as it was before: the old container while it is there, else made anew of its
        image. Refused where something else was put in its place since.
        """
        with self.engine(context) as engine:
            forward = self._forward(pin, context)
            if put_back(engine, forward, pin.running, pin.good):
                return Evidence(f"{pin.name} was the container from before")
            return self._remake(engine, pin, forward)

    def _remake(self, engine: Engine, pin: ReplicaPin, forward: Replacing) -> Evidence:
        back = replace(forward, made="back", reference=pin.reference, image_id=pin.image_id)
        made, done = made_by(engine, forward), made_by(engine, back)
        if made is None and (done is None or read_replica(done).name != pin.name):
            raise Refused(
                f"{pin.name} is not what this run put there: it was made anew or removed since."
                " Take the later change back first."
            )
        if made is not None:
            if not pin.good:
                raise Refused(f"{pin.name} was {pin.state} before, so there is nothing healthy to go back to")
            self._point(engine, pin.reference, pin.image_id)
            replace_container(engine, replace(back, old=str(made["Id"])))
            remove_aside(engine, replace(back, old=str(made["Id"])))
        return Evidence(f"{pin.name} ran its image from before ({short(pin.image_id)}), with its settings")

    def _point(self, engine: Engine, reference: str, image_id: str) -> None:
        if id_of(engine.image(reference)) == image_id:
            return
        if engine.image(image_id) is None or "@" in reference:
            raise Refused(f"the image from before ({short(image_id)}) is not on this engine any more")
        engine.tag(image_id, reference)

    def point_back(self, context: Context) -> Evidence:
        """Undo: the reference names what it named before, and the kept names go."""
        facts = self.facts
        with self.engine(context) as engine:
            if facts.local_id and engine.image(facts.local_id) is not None and "@" not in facts.reference:
                self._point(engine, facts.reference, facts.local_id)
            elif not facts.local_id:
                engine.untag(facts.reference)
            for name in self._kept(context.run).values():
                engine.untag(name)
        return Evidence(f"{facts.reference} named {short(facts.local_id) or 'nothing'} here, as before")

    def check_back(self, context: Context) -> Evidence:
        """Undo: each replica runs its image from before, and is healthy where it was."""
        with self.engine(context) as engine:
            for pin in self.facts.replicas:
                found = engine.container(pin.name)
                if found is None or read_replica(found).image_id != pin.image_id:
                    raise NotVerified(f"{pin.name} does not run its image from before")
                if pin.good:
                    wait_good(
                        engine, str(found["Id"]), self.facts.healthy_within_s, context.progress, pin.name
                    )
        return Evidence(f"{counted(len(self.facts.replicas), 'replica')} as before")
