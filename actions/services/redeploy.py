"""Redeploying a service: pull its image, recreate each replica faithfully, or go back (section 3.2)."""

from __future__ import annotations

from functools import partial

from actions.amounts import counted
from actions.plan import Action, Ending, Fault, Plan, Risk, Step
from actions.services.redeploy_steps import Redeploy
from actions.services.redeploy_survey import RedeployFacts, RedeployParams, drift, survey
from actions.tools.containers.images import PULL_TIMEOUT_S, short

UNDO_KEEP_S = 24 * 3600.0
SLACK_S = 60.0
LOOK_S = 45.0


def plan(params: RedeployParams, facts: RedeployFacts) -> Plan:
    """Pull, keep the old image, one step a replica, remove what is old; and all of it backwards."""
    redeploy = Redeploy(params, facts)
    within_s = 2 * facts.healthy_within_s + 2 * facts.stop_within_s + SLACK_S
    all_s = within_s * len(facts.replicas)
    shown = f"Check that the containers of {facts.service} are those shown"
    each = [
        Step(f"Recreate {pin.name} and wait for its health", partial(redeploy.recreate, pin), within_s, 2)
        for pin in facts.replicas
    ]
    pulls = (
        Step(f"Pull {facts.reference} and compare its digest", redeploy.pull, PULL_TIMEOUT_S + SLACK_S, 2),
    )
    return Plan(
        before=(
            Step(shown, redeploy.check_replicas, LOOK_S, 2),
            Step("Check that the image is still the one shown", redeploy.check_image, LOOK_S, 2),
        ),
        steps=(
            *(pulls if facts.remote_digest else ()),
            Step("Keep the image that runs now for the way back", redeploy.keep_old, LOOK_S, 2),
            *each,
            Step("Remove the old containers, once every new one is healthy", redeploy.remove_old, all_s, 2),
        ),
        after=(
            Step("Ask every replica whether it is healthy", redeploy.check_healthy, all_s, 2),
            Step("Compare the image that each replica runs", redeploy.check_digest, all_s, 2),
        ),
        undo=(
            *(
                Step(f"Bring {pin.name} back as it was", partial(redeploy.bring_back, pin), within_s, 3)
                for pin in facts.replicas
            ),
            Step(f"Let {facts.reference} name the image from before", redeploy.point_back, LOOK_S, 3),
            Step("Ask every replica whether it is as before", redeploy.check_back, all_s, 2),
        ),
        facts=_shown(facts),
        warnings=_warnings(facts),
        undo_keep_s=UNDO_KEEP_S,
    )  # fmt: skip


def _shown(facts: RedeployFacts) -> tuple[tuple[str, str], ...]:
    runs = ", ".join(dict.fromkeys(short(pin.image_id) for pin in facts.replicas))
    has = f"{short(facts.remote_digest)}, {'newer' if facts.newer else 'the one that runs'}"
    return (
        ("service", f"{facts.service} of {facts.project}, {counted(len(facts.replicas), 'replica')}"),
        ("image", facts.reference),
        ("runs now", runs),
        ("registry has", has if facts.remote_digest else facts.registry_said),
        ("does", "a new image" if facts.newer else "the same image again, containers made anew (forced)"),
        *((pin.name, f"{pin.state}, since {pin.started_at[:19]}Z") for pin in facts.replicas[:10]),
        ("healthy within", f"{facts.healthy_within_s:g} s a replica, else all go back"),
        ("way back", "the old image is kept for 24 h"),
    )


def _warnings(facts: RedeployFacts) -> tuple[str, ...]:
    said = [
        f"{pin.name} does not run now ({pin.state}): its replacement is started"
        for pin in facts.replicas
        if not pin.running
    ]
    said += [
        f"{pin.name} is away while its replacement starts, for {pin.lonely}"
        for pin in facts.replicas
        if pin.running and pin.lonely
    ]
    if any(not pin.lonely for pin in facts.replicas):
        said.append(
            "the new containers have new addresses: a proxy that looked them up once must be restarted,"
            " and one that looks up the name may reach a replica that is still starting"
        )
    if not facts.remote_digest:
        said.append(f"{facts.registry_said}; what is on this engine is used")
    return tuple(said[:6])


redeploy_service = Action(
    name="redeploy-service",
    title="Redeploy a service",
    risk=Risk.HIGH,
    params=RedeployParams,
    facts=RedeployFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/{params.service}",
    survey=survey,
    plan=plan,
    permissions=(
        "Docker: list, inspect, create, rename, start, stop and remove containers; connect networks",
        "Docker: inspect, pull, tag and untag images",
        "Registry: pull of the service's image",
    ),
    example="run redeploy-service environment=production service=api",
    description=(
        "Pulls the service's image, checks its digest, and recreates each replica with the settings it had"
        " (environment, mounts, networks, labels, restart policy), one at a time. When one does not get"
        " healthy, all go back to their old containers. Without a newer image it is a forced recreate."
    ),
    drift=drift,
    reach="every replica of one service, one at a time; no volume, no other service",
    endings=(
        Ending(Fault.GONE, "before", "failed", "Nothing was changed."),
        Ending(Fault.TIMEOUT, "before", "failed", "Nothing was changed."),
        Ending(Fault.DENIED, "before", "refused", "Nothing was changed."),
        Ending(Fault.VANISHED, "before", "refused", "Nothing was changed; the other replicas serve."),
        Ending(Fault.CHANGED, "before", "refused", "Nothing was changed; ask again to see what is there."),
        Ending(Fault.GONE, "during", "stopped", "What runs goes on; a person is called for the rest."),
        Ending(Fault.TIMEOUT, "during", "stopped", "What runs goes on; a person is called for the rest."),
        Ending(Fault.UNHEALTHY, "during", "undone", "The old containers serve, as before."),
        Ending(Fault.PARTIAL, "during", "undone", "All replicas are the old containers again."),
    ),
)
