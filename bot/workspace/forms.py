"""Form bodies, urlencoded and multipart, read with the standard library."""

from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

MAX_FIELDS = 1000


def read_urlencoded(body: bytes) -> dict[str, str]:
    """The fields of a urlencoded form; a repeated field keeps its last value. Raises `ValueError`."""
    pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MAX_FIELDS)
    return dict(pairs)


def read_multipart(content_type: str, body: bytes) -> tuple[dict[str, str], list[bytes]]:
    """The text fields and the files of a multipart form. Raises `ValueError` when it is not one."""
    header = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(header + body)
    if not message.is_multipart():
        raise ValueError("not a multipart form")
    fields: dict[str, str] = {}
    files: list[bytes] = []
    for part in message.iter_parts():
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        name = part.get_param("name", header="content-disposition")
        if part.get_filename():
            files.append(content)
        elif isinstance(name, str):
            fields[name] = content.decode(errors="replace")
    return fields, files
