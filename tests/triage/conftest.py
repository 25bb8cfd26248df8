"""A small plan with the places that Belezza's alerts come from, and triage over the shipped vocabulary."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.plan.models import DrPlan
from bot.triage import Triage, Vocabulary, load_vocabulary

ROOT = Path(__file__).parents[2]
COMPONENTS = {
    "database": ("PostgreSQL database", "critical", "db"),
    "cache": ("Redis cache", "high", "redis"),
    "api": ("Belezza API", "critical", "api"),
    "nginx": ("Nginx", "critical", "nginx"),
    "host": ("Host", "critical", "host"),
    "images": ("S3 images", "medium", "s3"),
    "cloud": ("AWS", "medium", "aws"),
    "web": ("Website", "medium", "web"),
    "monitoring": ("Monitoring", "low", "monitoring"),
}


def small_plan(**more: object) -> DrPlan:
    """Production with customers, staging with a ceiling, a component for each job label."""
    return DrPlan.model_validate(
        {
            "environments": {
                "production": {"customers": True, "match": ['env="production"']},
                "staging": {"ceiling": "SEV-3", "match": ['env="staging"']},
            },
            "components": {
                name: {"title": title, "priority": priority, "match": [f'job="{job}"']}
                for name, (title, priority, job) in COMPONENTS.items()
            },
            **more,
        }
    )


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    return load_vocabulary(ROOT / "data" / "triage.yaml")


@pytest.fixture(scope="session")
def plan() -> DrPlan:
    return small_plan()


@pytest.fixture(scope="session")
def triage(plan: DrPlan, vocabulary: Vocabulary) -> Triage:
    return Triage(plan, vocabulary)
