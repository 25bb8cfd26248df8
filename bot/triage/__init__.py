"""Triage: how bad an alert is, read from general words, and the plain sentences that say why."""

from bot.triage.judgement import Judgement, Triage
from bot.triage.loading import VocabularyFault, load_vocabulary
from bot.triage.replay import Case, Replay, Row, read_cases, replay
from bot.triage.vocabulary import Vocabulary

__all__ = [
    "Case",
    "Judgement",
    "Replay",
    "Row",
    "Triage",
    "Vocabulary",
    "VocabularyFault",
    "load_vocabulary",
    "read_cases",
    "replay",
]
