"""Where a dump may be kept: encrypted, not public, there, and ours; anywhere else nothing is written."""

from __future__ import annotations

import json

import pytest

from actions.application.dump_keeping import IAM
from actions.failures import Refused
from actions.plan import Context
from actions.tools.aws.s3 import Bucket
from actions.tools.toolbox import FixedToolbox
from tests.application.conftest import drafted, toolbox
from tests.real.actuator import Actuator
from tests.real.dumps import dump_bucket, encrypt, kept
from tests.real.s3 import RealS3, seaweedfs, with_keys


def test_a_bucket_without_encryption_is_refused(app: Actuator, s3: RealS3) -> None:
    bare = dump_bucket(s3.endpoint_url, encrypted=False)
    with pytest.raises(Refused, match="has no default encryption"):
        drafted(toolbox(app.url, bare))
    encrypt(bare)
    tools = toolbox(app.url, bare)
    _, plan = drafted(tools)
    bare.client.delete_bucket_encryption(Bucket=bare.name)
    for step in (plan.before[1], plan.steps[0]):
        with pytest.raises(Refused, match="has no default encryption"):
            step.do(Context(tools, 57))
    assert (kept(bare), app.dumped) == ([], 0)


def test_an_engine_that_cannot_tell_its_encryption_is_refused(app: Actuator) -> None:
    with seaweedfs() as server:
        bucket = dump_bucket(server.endpoint_url, encrypted=False, versioned=False)
        with pytest.raises(Refused, match="has no default encryption"):
            drafted(toolbox(app.url, bucket))


def test_a_public_bucket_is_refused(app: Actuator, s3: RealS3) -> None:
    bucket = dump_bucket(s3.endpoint_url)
    arn = f"arn:aws:s3:::{bucket.name}/*"
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [everybody]})
    bucket.client.put_bucket_policy(Bucket=bucket.name, Policy=policy)
    with pytest.raises(Refused, match="public by its policy"):
        drafted(toolbox(app.url, bucket))
    bucket.client.put_public_access_block(
        Bucket=bucket.name,
        PublicAccessBlockConfiguration={"IgnorePublicAcls": True, "RestrictPublicBuckets": True},
    )
    drafted(toolbox(app.url, bucket))
    open_by_acl = dump_bucket(s3.endpoint_url)
    open_by_acl.client.put_bucket_acl(Bucket=open_by_acl.name, ACL="public-read")
    with pytest.raises(Refused, match="public by its ACL"):
        drafted(toolbox(app.url, open_by_acl))


def test_a_bucket_that_is_not_there_or_not_ours(app: Actuator, s3: RealS3) -> None:
    gone = Bucket("no-such-bucket-here", endpoint_url=s3.endpoint_url, access_key="a", secret_key="b")
    with pytest.raises(Refused, match="there is no bucket"):
        drafted(toolbox(app.url, gone))
    with seaweedfs() as server:
        bucket = dump_bucket(server.endpoint_url, encrypted=False, versioned=False)
        with pytest.raises(Refused, match=r"refuses drbot at .*GetBucketEncryption"):
            drafted(toolbox(app.url, with_keys(bucket, "wrong", "wrong")))
    with pytest.raises(Refused, match="names no place for heap dumps"):
        drafted(FixedToolbox(applications=toolbox(app.url, gone).applications))


def test_the_statements_let_s3_say_that_a_dump_is_not_there_yet() -> None:
    """S3 answers 403 instead of 404 to whoever may not list the bucket, and that would be a refusal."""
    assert "s3:ListBucket" in {action for statement in IAM for action in statement.actions}
