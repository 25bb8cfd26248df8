"""Files: ask for an upload URL, POST the bytes, complete; the file then hangs on a message."""

import mimetypes
import time

from bot.workspace import messages
from bot.workspace.arguments import Arguments
from bot.workspace.desk import Desk
from bot.workspace.posting import Content, app_message
from bot.workspace.wire import Json, SlackError

MAX_FILE_BYTES = 20_000_000
MAX_FILES = 500
TEXTUAL = ("text/", "application/json", "application/x-yaml")
PREVIEW_CHARACTERS = 4_000


def _upload_url(desk: Desk, arguments: Arguments) -> Json:
    name = arguments.needed("filename")
    length = arguments.number("length", 0, 10**12)
    if not 0 < length <= MAX_FILE_BYTES:
        raise SlackError("file_upload_size_restricted" if length else "missing_argument")
    if len(desk.state.files) >= MAX_FILES:
        raise SlackError("storage_limit_reached")
    file_id = desk.state.new_id("F")
    mimetype = mimetypes.guess_type(name)[0] or "text/plain"
    url = f"{desk.page_url}files/{file_id}"
    desk.state.files[file_id] = {
        "id": file_id,
        "created": int(time.time()),
        "timestamp": int(time.time()),
        "name": name,
        "title": name,
        "mimetype": mimetype,
        "filetype": name.rsplit(".", 1)[-1].lower() if "." in name else "text",
        "pretty_type": "Plain Text" if mimetype.startswith("text/") else mimetype,
        "user": desk.state.app.user_id,
        "size": length,
        "mode": "snippet" if mimetype.startswith(TEXTUAL) else "hosted",
        "is_external": False,
        "is_public": True,
        "url_private": url,
        "url_private_download": url,
        "permalink": url,
        "channels": [],
        "alt_txt": arguments.text("alt_txt"),
    }
    return {"ok": True, "upload_url": f"{desk.page_url}upload/{file_id}", "file_id": file_id}


def receive(desk: Desk, file_id: str, body: bytes) -> bool:
    """Keep uploaded bytes; False when no such upload was announced or they are too many."""
    known = desk.state.files.get(file_id)
    if known is None or len(body) > MAX_FILE_BYTES:
        return False
    desk.uploads[file_id] = body
    known["size"] = len(body)
    if known["mode"] == "snippet":
        text = body.decode(errors="replace")
        known |= {"preview": text[:PREVIEW_CHARACTERS], "lines": text.count("\n") + 1,
                  "preview_is_truncated": len(text) > PREVIEW_CHARACTERS}  # fmt: skip
    return True


def _complete(desk: Desk, arguments: Arguments) -> Json:
    wanted = arguments.structure("files") or []
    if not isinstance(wanted, list) or not wanted:
        raise SlackError("invalid_arguments", ["must be an array [json-pointer:/files]"])
    done: list[Json] = []
    for one in wanted:
        known = desk.state.files.get(str(one.get("id"))) if isinstance(one, dict) else None
        if known is None or known["id"] not in desk.uploads:
            raise SlackError("file_not_found")
        known["title"] = one.get("title") or known["name"]
        done.append(known)
    targets = arguments.names("channels") or arguments.names("channel_id")
    for target in targets:
        channel = desk.state.channel(target)
        if desk.state.app.user_id not in channel.members:
            raise SlackError("not_in_channel")
        content = Content(arguments.text("initial_comment"), [], [], {})
        message = app_message(desk.state, channel, content, arguments.text("thread_ts"))
        message.files, message.subtype = done, "file_share"
        messages.post(desk.state, message)
        for known in done:
            known["channels"] = [*known["channels"], channel.id]
    return {"ok": True, "files": done}


def _info(desk: Desk, arguments: Arguments) -> Json:
    known = desk.state.files.get(arguments.text("file"))
    if known is None:
        raise SlackError("file_not_found")
    return {"ok": True, "file": known, "comments": [], "response_metadata": {"next_cursor": ""}}


METHODS = {
    "files.getUploadURLExternal": _upload_url,
    "files.completeUploadExternal": _complete,
    "files.info": _info,
}
