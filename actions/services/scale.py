"""Scaling a service within its limit: more replicas like those there, or fewer (section 7.1, `--scale`)."""

from __future__ import annotations

from functools import partial

from actions.failures import Refused
from actions.plan import Action, Ending, Fault, Plan, Risk, Step
from actions.services.replica_pins import ReplicaPin, moved_replica, pin_of
from actions.services.scale_steps import NewReplica, ScaleFacts, ScaleParams, Scaling
from actions.tools.containers.clone import cannot_scale, name_for, store_of
from actions.tools.containers.engine_calls import Engine, engine_of
from actions.tools.containers.engine_json import Json
from actions.tools.containers.images import id_of
from actions.tools.containers.replica import Replica, read_replica, require_no_sharers, require_replicas
from actions.tools.toolbox import Toolbox

UNDO_KEEP_S = 24 * 3600.0
SLACK_S = 60.0
LOOK_S = 45.0


def survey(tools: Toolbox, params: ScaleParams) -> ScaleFacts:
    """Look at the replicas; Refused where there must not be so many, or only one."""
    project = tools.services(params.environment)
    if params.replicas > project.replicas_at_most:
        raise Refused(
            f"{params.replicas} replicas are more than the plan allows ({project.replicas_at_most}). Nothing"
            " was changed."
        )
    with engine_of(project) as engine:
        found = require_replicas(engine, project, params.service)
        containers = [one for one in (engine.container(replica.id) for replica in found) if one is not None]
        pins = tuple(pin_of(one) for one in containers)
        _refuse_same(params, pins)
        adds: tuple[NewReplica, ...] = ()
        if params.replicas > len(pins):
            adds = _more(engine, params, containers, pins)
        else:
            _refuse_store(params, found[0])
        removes = tuple(pin.id for pin in _highest(pins, len(pins) - params.replicas))
        require_no_sharers(engine, project, {pin.id: pin.name for pin in pins if pin.id in removes})
    _refuse_ill(pins, removes)
    return ScaleFacts(
        project.name, params.service, pins, adds, removes, project.replicas_at_most,
        project.healthy_within_s, project.stop_within_s,
    )  # fmt: skip


def _refuse_same(params: ScaleParams, pins: tuple[ReplicaPin, ...]) -> None:
    if params.replicas == len(pins):
        raise Refused(f"{params.service} has {len(pins)} replicas already; nothing was changed")


def _refuse_store(params: ScaleParams, one: Replica) -> None:
    store = store_of(one)
    if store:
        raise Refused(
            f"{params.service} is a data store ({store}): with a replica its data would go out of reach."
            " Nothing was changed; stop-service keeps them."
        )


def _more(
    engine: Engine, params: ScaleParams, containers: list[Json], pins: tuple[ReplicaPin, ...]
) -> tuple[NewReplica, ...]:
    why = cannot_scale(containers[0])
    if why:
        raise Refused(f"{params.service} cannot have more replicas: {why}. Nothing was changed.")
    if id_of(engine.image(pins[0].reference)) != pins[0].image_id:
        raise Refused(
            f"{pins[0].reference} names another image on this engine than {pins[0].name} runs: redeploy the"
            " service first, so that all replicas are alike. Nothing was changed."
        )
    taken = {pin.number for pin in pins}
    free = [number for number in range(1, params.replicas + len(pins) + 1) if number not in taken]
    like = read_replica(containers[0])
    return tuple(NewReplica(number, name_for(like, number)) for number in free[: params.replicas - len(pins)])


def _highest(pins: tuple[ReplicaPin, ...], count: int) -> list[ReplicaPin]:
    return sorted(pins, key=lambda pin: pin.number, reverse=True)[: max(0, count)]


def _refuse_ill(pins: tuple[ReplicaPin, ...], removes: tuple[str, ...]) -> None:
    for pin in pins:
        if pin.id not in removes and not pin.good:
            raise Refused(
                f"{pin.name} is {pin.state}: restart or redeploy it first, scaling goes by a healthy one."
                " Nothing was changed."
            )


def _drift(planned: ScaleFacts, now: ScaleFacts) -> str | None:
    """Other containers than those shown."""
    return moved_replica(planned.replicas, now.replicas)


def plan(params: ScaleParams, facts: ScaleFacts) -> Plan:
    """One step a replica, up or down, and back."""
    scaling = Scaling(params, facts)
    within_s = facts.healthy_within_s + facts.stop_within_s + SLACK_S
    going = [pin for pin in reversed(facts.replicas) if pin.id in facts.removes]
    all_s = within_s * max(params.replicas, len(facts.replicas))
    up = tuple(
        Step(f"Add {new.name} and wait until it is healthy", partial(scaling.add, new), within_s, 2)
        for new in facts.adds
    )
    down = tuple(Step(f"Stop {pin.name}", partial(scaling.stop, pin), within_s, 2) for pin in going)
    back = tuple(
        Step(f"Bring {pin.name} back", partial(scaling.bring_back, pin), within_s, 3) for pin in going
    )
    return Plan(
        before=(Step("Check that the replicas are those shown", scaling.check_same, LOOK_S, 2),),
        steps=up or (*down, Step("Remove the stopped ones", scaling.remove, LOOK_S, 2)),
        after=(Step("Count the replicas and ask each whether it is healthy", scaling.check, all_s, 2),),
        undo=(
            *(back or (Step("Remove what was added", scaling.take_away, all_s, 3),)),
            Step("Count the replicas again", scaling.check_back, LOOK_S, 2),
        ),
        facts=(
            ("service", f"{facts.service} of {facts.project}"),
            ("replicas", f"{len(facts.replicas)} now, {params.replicas} then (at most {facts.at_most})"),
            ("image", facts.replicas[0].reference),
            *((new.name, "is added") for new in facts.adds),
            *((pin.name, "is stopped and removed") for pin in going),
        ),
        warnings=_warnings(facts, going),
        undo_keep_s=UNDO_KEEP_S,
    )


def _warnings(facts: ScaleFacts, going: list[ReplicaPin]) -> tuple[str, ...]:
    if going:
        return (f"requests that take longer than {facts.stop_within_s:g} s are cut where a replica stops",)
    return (
        "each replica opens connections of its own to the database: look at its pool first",
        "a proxy that looked the service up once must be restarted to know the new ones",
    )


scale_service = Action(
    name="scale-service",
    title="Scale a service",
    risk=Risk.HIGH,
    params=ScaleParams,
    facts=ScaleFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/{params.service}",
    survey=survey,
    plan=plan,
    permissions=("Docker: list, inspect, create, start, stop and remove containers; connect networks",),
    example="run scale-service environment=production service=api replicas=3",
    description=(
        "Adds replicas like the ones there, each proven healthy before the next, or stops and removes those"
        " with the highest numbers. Refused beyond the plan's limit, and for what must be there once only:"
        " a fixed port or name, a data store, a volume that is written to."
    ),
    drift=_drift,
    reach="the replicas of one service, up to the plan's limit and never below one",
    endings=(
        Ending(Fault.GONE, "before", "failed", "Nothing was changed."),
        Ending(Fault.TIMEOUT, "before", "failed", "Nothing was changed."),
        Ending(Fault.DENIED, "before", "refused", "Nothing was changed."),
        Ending(Fault.VANISHED, "before", "refused", "Nothing was changed."),
        Ending(Fault.CHANGED, "before", "refused", "Nothing was changed; ask again to see what is there."),
        Ending(Fault.GONE, "during", "stopped", "Those that were there serve; a person is called."),
        Ending(Fault.TIMEOUT, "during", "stopped", "Those that were there serve; a person is called."),
        Ending(Fault.UNHEALTHY, "during", "undone", "What was added is removed; the others serve as before."),
        Ending(Fault.PARTIAL, "during", "undone", "What was added is removed; the others serve as before."),
    ),
)
