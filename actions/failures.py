"""How a survey, a guard, a step or a check says that it did not go as wished."""


class Refused(Exception):
    """A guard says no and nothing was changed. The message says what was found and what to do next."""


class Unplanned(Refused):
    """The plan names no such place, or the setting that leads there is missing: nothing could be asked."""


class Transient(Exception):
    """It failed for now; the engine may try the same step again."""


class NotVerified(Exception):
    """The steps ran but the world is not as promised. The message says what was found instead."""


class Disproved(NotVerified):
    """What came back of a backup is not what was backed up: the backup is at fault, not the moment."""
