"""What a remote's own errors become, and that nothing secret is in their text."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from dsv.adapters import dvc
from dsv.adapters.dvc.remote_errors import Doing, told_error, without_secrets
from dsv.errors import (
    CredentialsError,
    DiskError,
    DsvError,
    NetworkError,
    NoRemoteError,
    RemoteError,
    UnsupportedError,
)
from tests.adapters.conftest import md5

S3 = {"url": "s3://bucket/path", "secret_access_key": "abc/SECRET", "access_key_id": "AKIAEXAMPLE", "region": "eu"}


def raised(kind: str, words: str = "") -> BaseException:
    """An error of a library, which is known by its name and its words."""
    return type(kind, (Exception,), {})(*([words] if words else []))


def of_s3(code: str, words: str = "") -> BaseException:
    return raised("ClientError", f"An error occurred ({code}) when calling the PutObject operation: {words}")


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (raised("EndpointConnectionError", "Could not connect to the endpoint URL"), NetworkError, "cannot be reached"),
        (ConnectionRefusedError(111, "Connection refused"), NetworkError, "cannot be reached"),
        (TimeoutError("timed out"), NetworkError, "cannot be reached"),
        (raised("ClientConnectorDNSError", "Name or service not known"), NetworkError, "a machine of that name"),
        (raised("SSLError", "SSL validation failed [SSL: WRONG_VERSION]"), NetworkError, "no secure connection"),
        (raised("HostKeyNotVerifiable", "Host key is not trusted"), CredentialsError, "whose key is not known"),
        (raised("NoCredentialsError", "Unable to locate credentials"), CredentialsError, "there are no credentials"),
        (raised("ProfileNotFound", "The config profile (x) could not be found"), CredentialsError, "its profile"),
        (of_s3("SignatureDoesNotMatch"), CredentialsError, "refuses who we are: the secret key is not the one"),
        (of_s3("InvalidAccessKeyId"), CredentialsError, "refuses who we are: it does not know the access key"),
        (of_s3("ExpiredToken"), CredentialsError, "refuses who we are: the credentials have expired"),
        (of_s3("RequestTimeTooSkewed"), CredentialsError, "refuses who we are: the clock"),
        (PermissionError("Access Denied"), CredentialsError, "refuses who we are: PermissionError"),
        (of_s3("403", "Forbidden"), CredentialsError, "refuses who we are: ClientError"),
        (of_s3("NoSuchBucket"), RemoteError, "there is no such bucket"),
        (ImportError("gs is supported, but requires 'dvc-gs' to be installed"), UnsupportedError, "the package dvc-gs"),
        (ValueError(), RemoteError, "failed: ValueError"),
    ],
)
def test_errors_of_storage_become_kinds_with_a_message_of_their_own(
    error: BaseException, kind: type[DsvError], said: str
) -> None:
    told = told_error(error, S3, name="store")
    assert type(told) is kind
    assert told.message.startswith("the remote store (s3://bucket/path)")
    assert said in told.message
    assert told.hint
    assert "\n" not in told.message


def test_a_bucket_that_may_only_be_read_is_told_from_a_wrong_key() -> None:
    denied = of_s3("AccessDenied", "Access Denied")
    told = told_error(denied, S3, name="store", doing=Doing.WRITING)
    assert isinstance(told, CredentialsError)
    assert "may be read, but not written by us" in told.message
    assert "refuses who we are" in told_error(denied, S3, name="store").message


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the quota there is used up"),
        (errno.EROFS, "the file system is read-only"),
        (errno.EACCES, "it may be read, but not written by us"),
    ],
)
def test_what_the_disk_of_a_directory_refuses_is_said(code: int, said: str) -> None:
    error = OSError(code, os.strerror(code), "/mnt/store/files")
    told = told_error(error, {"url": "/mnt/store"}, name="store", doing=Doing.WRITING)
    assert isinstance(told, DiskError)
    assert told.message == f"the remote store (/mnt/store): {said}"


def test_the_cause_of_an_error_counts_too() -> None:
    error = RuntimeError("transfer failed")
    error.__cause__ = ConnectionResetError(104, "Connection reset by peer")
    assert type(told_error(error, S3, name="store")) is NetworkError


def test_a_directory_that_may_not_be_read_is_no_matter_of_credentials() -> None:
    error = PermissionError(13, "Permission denied", "/mnt/store/files")
    assert type(told_error(error, {"url": "/mnt/store"}, name="store")) is RemoteError


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("key abc/SECRET of AKIAEXAMPLE", "key *** of ***"),
        ("GET https://ana:pass@host/path failed", "GET https://***@host/path failed"),
        ("https://host/o?X-Amz-Signature=abcdef&X=1 gone", "https://host/o?*** gone"),
        ("token from-the-environment", "token ***"),
        ("bucket in eu", "bucket in eu"),
    ],
)
def test_nothing_secret_is_told(monkeypatch: pytest.MonkeyPatch, text: str, left: str) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "from-the-environment")
    assert without_secrets(text, S3) == left


def test_objects_come_with_their_digests_checked(root: Path, tmp_path: Path) -> None:
    contents = {md5(data): data for data in (b"one", b"two", b"")}
    oids = [*contents, "0" * 32]
    for oid, data in contents.items():
        place = tmp_path / "store/files/md5" / oid[:2] / oid[2:]
        place.parent.mkdir(parents=True)
        place.write_bytes(b"other" if data == b"two" else data)
    (root / ".dvc/config.local").write_text(f"['remote \"s\"']\n    url = {tmp_path}/store\n[core]\n    remote = s\n")
    cache = dvc.find_cache(str(root))
    told: list[tuple[int, int]] = []
    with dvc.remote(cache) as store:
        arrival = store.bring([*oids, oids[0]], arrived=lambda size, number=0: told.append((size, number)))
    damaged = dvc.Damaged(md5(b"two"), f"md5:{md5(b'two')}", f"md5:{md5(b'other')}")
    assert arrival == dvc.Arrival(2, 3, missing=("0" * 32,), damaged=(damaged,))
    assert [sum(each) for each in zip(*told, strict=True)] == [8, 2]  # what was thrown away came, too
    assert cache.missing(oids) == [md5(b"two"), "0" * 32]


def test_a_remote_is_named_or_the_default_one(root: Path, tmp_path: Path) -> None:
    (root / ".dvc/config.local").write_text(f"['remote \"s\"']\n    url = {tmp_path}/store\n")
    cache = dvc.find_cache(str(root))
    with dvc.remote(cache, "s") as store:
        assert store.name == "s"
    for name in ("", "t"):
        with pytest.raises(NoRemoteError), dvc.remote(cache, name):
            pass


def test_a_remote_that_keeps_files_by_version_is_not_used(root: Path) -> None:
    (root / ".dvc/config.local").write_text(
        "['remote \"s\"']\n    url = s3://bucket/path\n    version_aware = true\n[core]\n    remote = s\n"
    )
    with pytest.raises((UnsupportedError, RemoteError)), dvc.remote(dvc.find_cache(str(root))):
        pass
