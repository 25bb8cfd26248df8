"""People and user groups."""

from bot.workspace.arguments import Arguments
from bot.workspace.desk import Desk
from bot.workspace.methods.pages import page
from bot.workspace.shapes import user_json
from bot.workspace.state import SLACKBOT
from bot.workspace.wire import Json, SlackError


def _info(desk: Desk, arguments: Arguments) -> Json:
    user = arguments.needed("user", "user_not_found")
    if user not in desk.state.people and user not in (desk.state.app.user_id, SLACKBOT):
        raise SlackError("user_not_found")
    return {"ok": True, "user": user_json(desk.state, user)}


def _list(desk: Desk, arguments: Arguments) -> Json:
    everyone = [*desk.state.people, desk.state.app.user_id, SLACKBOT]
    shown, cursor = page(everyone, arguments)
    members = [user_json(desk.state, user) for user in shown]
    return {"ok": True, "members": members, "cache_ts": 0, "response_metadata": {"next_cursor": cursor}}


def _lookup_by_email(desk: Desk, arguments: Arguments) -> Json:
    email = arguments.needed("email", "users_not_found").lower()
    for person in desk.state.people.values():
        if person.email.lower() == email:
            return {"ok": True, "user": user_json(desk.state, person.id)}
    raise SlackError("users_not_found")


def group_id(number: int) -> str:
    """The id of the seed's n-th user group."""
    return f"S0BLZ{number:05d}"


def _groups(desk: Desk, _: Arguments) -> Json:
    described = [
        {"id": group_id(number), "team_id": desk.state.team_id, "is_usergroup": True, "name": group.name,
         "handle": group.handle, "description": "", "user_count": len(group.members), "date_delete": 0}
        for number, group in enumerate(desk.state.seed.groups, start=1)
    ]  # fmt: skip
    return {"ok": True, "usergroups": described}


def _group_members(desk: Desk, arguments: Arguments) -> Json:
    wanted = arguments.needed("usergroup")
    ids = {person.name: person.id for person in desk.state.people.values()}
    for number, group in enumerate(desk.state.seed.groups, start=1):
        if group_id(number) == wanted:
            return {"ok": True, "users": [ids[name] for name in group.members if name in ids]}
    raise SlackError("no_such_subteam")


METHODS = {
    "users.info": _info,
    "users.list": _list,
    "users.lookupByEmail": _lookup_by_email,
    "usergroups.list": _groups,
    "usergroups.users.list": _group_members,
}
