"""Asking archived images back from Glacier: requested, followed, and how long their copy stays."""

from __future__ import annotations

from collections import Counter
from functools import partial

from actions.amounts import counted, size_text, span_text
from actions.failures import NotVerified, Refused
from actions.images.asleep import HOURS, MOST, RequestFacts, RequestParams, archived, survey
from actions.plan import Action, Context, Ending, Evidence, Fault, Plan, Risk, Statement, Step
from actions.tools.aws.image_objects import Archived, archive_standing, request

ROWS = 40
STEP_S = 300.0


def _standings(params: RequestParams, facts: RequestFacts, context: Context) -> dict[str, Archived]:
    images = context.tools.images(params.environment)
    if images.primary.place != facts.place:
        raise Refused("the plan names another bucket now than the one shown: ask again")
    found = {}
    for number, pin in enumerate(facts.objects, 1):
        found[pin.key] = archive_standing(images.primary, pin.version)
        context.progress(f"{number} of {len(facts.objects)}")
    return found


def _check(params: RequestParams, facts: RequestFacts, context: Context) -> Evidence:
    """Guard: each version shown is still there, and still the one wanted."""
    images = context.tools.images(params.environment)
    there = {(one.key, one.version_id) for one in archived(images, params)}
    gone = [pin.key for pin in facts.objects if (pin.key, pin.version_id) not in there]
    if gone:
        raise Refused(
            f"{', '.join(gone[:5])} was changed or is gone since the plan was shown: nothing was requested;"
            " ask again"
        )
    found = Counter(one.standing for one in _standings(params, facts, context).values())
    return Evidence(", ".join(f"{number} {standing}" for standing, number in sorted(found.items())))


def _request(params: RequestParams, facts: RequestFacts, context: Context) -> Evidence:
    """Step: ask for those that nobody asked for yet."""
    images = context.tools.images(params.environment)
    standings = _standings(params, facts, context)
    asked = [pin for pin in facts.objects if standings[pin.key].standing == "archived"]
    for pin in asked:
        request(images.primary, pin.version, params.days, params.tier)
    rest = len(facts.objects) - len(asked)
    return Evidence(f"requested {counted(len(asked), 'object')}; {rest} were on their way or ready")


def _follow(params: RequestParams, facts: RequestFacts, context: Context) -> Evidence:
    """Check: each is on its way or ready; says until when."""
    standings = _standings(params, facts, context)
    still = [key for key, one in standings.items() if one.standing == "archived"]
    if still:
        raise NotVerified(f"S3 took the request and does not show it: {', '.join(still[:5])}")
    ready = {key: one for key, one in standings.items() if one.standing in ("ready", "here")}
    ongoing = len(standings) - len(ready)
    values = {
        key[-120:]: f"ready until {one.until}" if one.standing == "ready" else one.standing
        for key, one in list(standings.items())[:ROWS]
    }
    said = f"{len(ready)} of {len(standings)} can be brought back now"
    ask = f"; {ongoing} are on their way ({_takes(params, facts)}): ask again to follow" if ongoing else ""
    return Evidence(f"{said}{ask}", values)


def _takes(params: RequestParams, facts: RequestFacts) -> str:
    """`3.0 to 5.0 h` of the slowest class among them."""
    spans = [HOURS[pin.storage_class, params.tier] for pin in facts.objects]
    low, high = max(spans, key=lambda span: span[1])
    return f"{span_text(low * 3600)} to {span_text(high * 3600)}"


def _warnings(params: RequestParams, facts: RequestFacts) -> tuple[str, ...]:
    longest_s = max(HOURS[pin.storage_class, params.tier][1] for pin in facts.objects) * 3600
    found = [
        f"AWS charges for each request and each GB brought out ({params.tier}), and for the copies while they"
        f" stay ({params.days} days)"
    ]
    if facts.rto_s is not None and longest_s > facts.rto_s:
        found.append(
            f"it may take {span_text(longest_s)}, more than the plan's RTO of {span_text(facts.rto_s)}: what"
            " customers need at once should not be in this class"
        )
    return tuple(found)


def _plan(params: RequestParams, facts: RequestFacts) -> Plan:
    many = f"{len(facts.objects)} objects" if len(facts.objects) > 1 else facts.objects[0].key[-120:]
    standings = Counter(pin.standing for pin in facts.objects)
    return Plan(
        before=(Step("Ask how each stands", partial(_check, params, facts), STEP_S, 2),),
        steps=(Step(f"Request {many} from the archive", partial(_request, params, facts), STEP_S, 3),),
        after=(Step("Ask how each stands now", partial(_follow, params, facts), STEP_S, 3),),
        facts=(
            ("bucket", facts.place),
            ("objects", f"{len(facts.objects)}, {size_text(facts.total_bytes)}"),
            ("how they stand", ", ".join(f"{n} {standing}" for standing, n in sorted(standings.items()))),
            ("first", ", ".join(pin.key[-120:] for pin in facts.objects[:5])),
            ("takes", _takes(params, facts)),
            ("copies stay", f"{params.days} days"),
        ),
        warnings=_warnings(params, facts),
        forecast_s=round(1 + 0.2 * len(facts.objects), 1),
    )


def _drift(planned: RequestFacts, now: RequestFacts) -> str | None:
    """Other versions are drift; that some are on their way by now is not."""
    pins = {(pin.key, pin.version_id) for pin in now.objects}
    gone = [pin.key for pin in planned.objects if (pin.key, pin.version_id) not in pins]
    return f"{gone[0][-120:]} was changed since the plan was shown" if gone else None


request_archived_images = Action(
    name="request-archived-images",
    title="Request archived images from Glacier",
    risk=Risk.LOW,
    params=RequestParams,
    facts=RequestFacts,
    environment=lambda params: params.environment,
    target=lambda params: f"{params.environment}/image-archive",
    survey=survey,
    plan=_plan,
    permissions=(
        "S3: s3:ListBucketVersions, s3:GetObject, s3:GetObjectVersion and s3:RestoreObject of the bucket of"
        " images",
    ),
    example="run request-archived-images environment=production prefix=salons/2024/",
    description=(
        "Asks Glacier or Deep Archive for temporary copies of archived images, and says how each stands:"
        " requested, ready and until when. It costs money and takes hours; asked again, it only follows."
    ),
    drift=_drift,
    reach=f"requests at most {MOST} versions (50 unless asked for more); changes no object; costs money",
    iam=(
        Statement(("s3:ListBucketVersions",), ("arn:aws:s3:::{bucket}",)),
        Statement(("s3:GetObject", "s3:GetObjectVersion", "s3:RestoreObject"), ("arn:aws:s3:::{bucket}/*",)),
    ),
    endings=(
        Ending(Fault.GONE, "before", "failed", "S3 does not answer; nothing was requested."),
        Ending(Fault.TIMEOUT, "before", "failed", "S3 answers too late; nothing was requested."),
        Ending(Fault.DENIED, "before", "refused", "It says which right is missing; nothing was requested."),
        Ending(Fault.VANISHED, "before", "refused", "It is not there any more; nothing was requested."),
        Ending(Fault.CHANGED, "before", "refused", "Another version is there; nothing was requested."),
        Ending(Fault.GONE, "during", "stopped", "Some may be requested; asked again, each is asked once."),
        Ending(Fault.TIMEOUT, "during", "stopped", "Some may be requested; asked again, each is asked once."),
    ),
)
