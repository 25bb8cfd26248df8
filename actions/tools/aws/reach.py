"""How AWS is reached, and its errors as sentences; what is empty, boto3 finds itself (profiles, roles)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
)

from actions.failures import Refused, Transient

CONNECT_S = 3.0
ATTEMPTS = 2
DENIED = frozenset(
    {
        "401", "403", "AccessDenied", "AccessDeniedException", "AllAccessDisabled", "ExpiredToken",
        "ExpiredTokenException", "Forbidden", "IncompleteSignature", "InvalidAccessKeyId",
        "InvalidClientTokenId", "InvalidSignatureException", "InvalidToken",
        "MissingAuthenticationTokenException", "NotAuthorized", "OptInRequired", "SignatureDoesNotMatch",
        "Unauthorized", "UnrecognizedClientException",
    }
)  # fmt: skip


@dataclass(frozen=True)
class AwsAccess:
    """Endpoint, region and keys of one account."""

    endpoint_url: str | None = None
    region: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)

    def session(self) -> boto3.session.Session:
        """A session of this account, for a client of one service."""
        return boto3.session.Session(
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=self.region or ("us-east-1" if self.endpoint_url else None),
        )


def patience(timeout_s: float) -> Config:
    """A client's configuration: how long it waits for an answer, and that it tries no more than twice."""
    return Config(
        connect_timeout=min(CONNECT_S, timeout_s),
        read_timeout=timeout_s,
        retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
    )


@contextlib.contextmanager
def told(where: str, said: Callable[[str, str], Refused | Transient]) -> Iterator[None]:
    """Turn boto's errors into sentences about `where`.

    `said` makes one of a service's own error code: what a code means differs from service to service.
    Raises Refused where nobody said who asks, Transient where nobody answers.
    """
    try:
        yield
    except ClientError as error:
        raise said(str(error.response.get("Error", {}).get("Code", "")), where) from error
    except (NoCredentialsError, PartialCredentialsError, NoRegionError) as error:
        raise Refused(f"{where} was not asked: {error}. Set AWS_* and try again.") from error
    except BotoCoreError as error:
        raise Transient(f"{where} did not answer: {' '.join(str(error).split())[:200]}") from error


def said_of(needs: str, gone: str = "") -> Callable[[str, str], Refused | Transient]:
    """For a service without codes of its own to tell apart: `needs` are the rights, `gone` is the advice."""

    def said(code: str, where: str) -> Refused | Transient:
        if code in DENIED:
            return Refused(
                f"AWS refuses {where} ({code}): drbot needs {needs}. Check AWS_* and the policy. Nothing was"
                " changed"
            )
        if gone and code in ("ResourceNotFoundException", "InvalidRequestException"):
            return Refused(f"{where} is not there or marked for deletion: {gone}. Nothing was changed")
        return Transient(f"{where} did not answer as hoped ({code or 'no code'})")

    return said
