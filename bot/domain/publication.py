"""A publication (PUB-3): one text for the outside, from its draft to what became of it."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from bot.domain.entry import canonical
from bot.domain.outbound import JobState
from bot.domain.post_length import POST_LETTERS, weighted_letters

SUBJECT_LIMIT = 200
TEXT_LIMIT = 2_500
"""Less than Statuspage takes: what a person approves must be shown whole, and fit one command line."""
DIGEST_PREFIX = 8
_JOINERS = frozenset("\u200c\u200d")


class Kind(Enum):
    """Where it goes."""

    STATUS = "status"
    MAIL = "mail"
    SOCIAL = "social"

    @property
    def title(self) -> str:
        return {"status": "status page", "mail": "mail to customers", "social": "social post"}[self.value]


class Stage(Enum):
    """What it tells of: the status page's own words, or the first word, an update and the last."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    FIRST = "first"
    UPDATE = "update"
    OVER = "over"

    @property
    def ends(self) -> bool:
        """Whether it says that the trouble is over."""
        return self in (Stage.RESOLVED, Stage.OVER)


STAGES: Mapping[Kind, tuple[Stage, ...]] = {
    Kind.STATUS: (Stage.INVESTIGATING, Stage.IDENTIFIED, Stage.MONITORING, Stage.RESOLVED),
    Kind.MAIL: (Stage.FIRST, Stage.UPDATE, Stage.OVER),
    Kind.SOCIAL: (Stage.FIRST, Stage.UPDATE, Stage.OVER),
}


class PublicationState(Enum):
    """DRAFT waits for a person. POSTED, REFUSED and UNSURE are what became of the job of an APPROVED one."""

    DRAFT = "draft"
    APPROVED = "approved"
    POSTED = "posted"
    REFUSED = "refused"
    UNSURE = "unsure"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Publication:
    """One text. Times are ISO 8601 UTC, empty while they have not come; people are plan ids or `drbot`.

    `to` is the address of a mail. `components` are Statuspage's ids with what they are set to, `impact`
    its word for the whole. `next_update_s`: how soon after its approval the next one is promised, 0 for
    none. `job` is the key of its outbound job; `said` the other end's answer, or why it was not taken.
    `digest` names what an approval approves.
    """

    id: int
    incident: int
    kind: Kind
    stage: Stage
    subject: str
    text: str
    state: PublicationState = PublicationState.DRAFT
    to: str = ""
    components: Mapping[str, str] = field(default_factory=dict)
    impact: str = ""
    next_update_s: int = 0
    drafted_by: str = ""
    drafted_at: str = ""
    edited_by: str = ""
    edited_at: str = ""
    decided_by: str = ""
    decided_at: str = ""
    job: str = ""
    request_key: str = ""
    said: str = ""
    ended_at: str = ""

    @property
    def ref(self) -> str:
        """`PUB-3`, as people say it."""
        return f"PUB-{self.id}"

    @property
    def digest(self) -> str:
        """SHA-256 of all that goes out, and where it goes."""
        told = {
            "kind": self.kind.value,
            "stage": self.stage.value,
            "subject": self.subject,
            "text": self.text,
            "to": self.to,
            "components": dict(self.components),
            "impact": self.impact,
            "next_update_s": self.next_update_s,
        }
        return hashlib.sha256(canonical(told).encode("utf-8", "surrogatepass")).hexdigest()


def became(row: PublicationState, job: JobState | None) -> PublicationState:
    """The state that people are told: an approved text is what its job is."""
    if row is not PublicationState.APPROVED or job is None:
        return row
    ends = {
        JobState.DONE: PublicationState.POSTED,
        JobState.REFUSED: PublicationState.REFUSED,
        JobState.UNSURE: PublicationState.UNSURE,
    }
    return ends.get(job, row)


def parse_publication_ref(text: str) -> int:
    """Read `PUB-3`, `pub3` or `3`. Raises ValueError with the form that would be right."""
    digits = text.strip().upper().removeprefix("PUB").removeprefix("-")
    if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
        raise ValueError(f"{text[:40]!r} is not a text for the outside: say PUB- and its number")
    return int(digits)


def parse_kind(text: str) -> Kind:
    """Raises ValueError naming the kinds."""
    try:
        return Kind(text.strip().lower())
    except ValueError:
        raise ValueError(f"{text[:40]!r} is none of status, mail, social") from None


def parse_stage(kind: Kind, text: str) -> Stage:
    """Raises ValueError naming the stages of this kind."""
    for stage in STAGES[kind]:
        if stage.value == text.strip().lower():
            return stage
    able = ", ".join(stage.value for stage in STAGES[kind])
    raise ValueError(f"{text[:40]!r} is no stage of a {kind.title}: say one of {able}")


def read_text(kind: Kind, given: str) -> str:
    """The text as it will go out: no control or hiding characters. Raises ValueError where it is too long."""
    text = "\n".join(" ".join(line.split()) for line in _clean(given).splitlines()).strip()
    length, limit = (weighted_letters(text), POST_LETTERS) if kind is Kind.SOCIAL else (len(text), TEXT_LIMIT)
    if not text:
        raise ValueError("the text is empty")
    if length > limit:
        raise ValueError(f"that is {length} characters; a {kind.title} may have {limit}")
    return text


def read_subject(kind: Kind, given: str) -> str:
    """One line. Raises ValueError where it is too long, or missing; a post has none."""
    if kind is Kind.SOCIAL:
        return ""
    subject = " ".join(_clean(given).split())
    if not subject:
        raise ValueError(f"a {kind.title} needs a subject")
    if len(subject) > SUBJECT_LIMIT:
        raise ValueError(f"the subject is {len(subject)} characters; it may have {SUBJECT_LIMIT}")
    return subject


def _clean(text: str) -> str:
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return "".join(one for one in text if one == "\n" or one in _JOINERS or not _hides(one))


def _hides(character: str) -> bool:
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn")
