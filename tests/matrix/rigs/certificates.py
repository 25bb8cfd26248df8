"""A rig for the certificates: one in ACM, ACM behind a proxy."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator, Mapping
from typing import cast

from tests.matrix.stage import Fault, Rig, Servers, Stage
from tests.real.aws import DENIED, REGION, RealAws, real_aws
from tests.real.proxy import proxy
from tests.real.tls import Made, make


@contextlib.contextmanager
def _certificate() -> Iterator[Made]:
    yield make("*.belezza.test")


@contextlib.contextmanager
def look_at_certificates(servers: Servers) -> Iterator[Stage]:
    aws = cast("RealAws", servers.keep("aws", real_aws))
    made = cast("Made", servers.keep("certificate", _certificate))
    arn = aws.acm.import_certificate(Certificate=made.pem, PrivateKey=made.key_pem)["CertificateArn"]
    with proxy(("127.0.0.1", aws.port)) as way:
        yield Stage(
            params={"environment": "staging"},
            environments={
                "staging": {
                    "certificates": {"region": REGION, "domains": [f"{uuid.uuid4().hex[:8]}.belezza.test"]}
                }
            },
            variables=aws.variables(way.port),
            effects=lambda: 0,
            worse=lambda: "",
            faults={
                Fault.GONE: way.refuse,
                Fault.TIMEOUT: way.hang,
                Fault.DENIED: lambda: way.answer(400, DENIED),
            },
        )
    aws.acm.delete_certificate(CertificateArn=arn)


RIGS: Mapping[str, Rig] = {"look-at-certificates": look_at_certificates}
