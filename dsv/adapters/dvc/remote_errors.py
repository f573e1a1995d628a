"""What libraries of storage raise as dsv's errors: which remote, where, why and what to do, and nothing secret."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from dsv.errors import CredentialsError, DiskError, DsvError, ExternalError, NetworkError, RemoteError, UnsupportedError
from dsv.model.secrecy import without_secrets_of_urls

_LONGEST = 200
# Patterns that only a failure needs are compiled then, not whenever a command starts.
_CONFIDENTIAL = r"(?i)secret|password|token|credential|access_key|account_key|sas|connection_string|key_id"


class Doing(Enum):
    """What was being done with a remote when its library failed."""

    READING = "reading"
    WRITING = "writing"


@dataclass(frozen=True)
class _Reason:
    """A kind of failure: how it is known, what is said of the remote, and what to do; `{...}` is filled in.

    Libraries for each kind of storage have errors of their own; none of them is imported to ask.
    """

    pattern: str
    kind: type[ExternalError]
    said: str
    hint: str
    only: Doing | None = None
    """Where it means this only while reading, or while writing."""


_ADDRESS = "check its address, which dsv remote list shows, and your network"
_REASONS = (
    _Reason(
        r"requires '(?P<what>dvc-\w+)' to be installed",
        UnsupportedError,
        " needs the package {what}, which is not installed here",
        "pip install {what}",
    ),
    _Reason(
        r"NoSuchBucket|(?i:specified bucket does not exist|ContainerNotFound|BucketNotFound)",
        RemoteError,
        ": there is no such bucket",
        "make the bucket, or correct the address, which dsv remote list shows",
    ),
    _Reason(
        r"(?i)profilenotfound|config profile",
        CredentialsError,
        ": its profile is not known here",
        "aws configure --profile makes one; or {keys}",
    ),
    _Reason(
        r"(?i)nocredentials|unable to locate credentials|partialcredentials",
        CredentialsError,
        ": there are no credentials for it here",
        "{keys}",
    ),
    _Reason(
        r"(?i)signaturedoesnotmatch|request signature we calculated",
        CredentialsError,
        " refuses who we are: the secret key is not the one of the access key",
        "correct the secret key: {keys}",
    ),
    _Reason(
        r"(?i)invalidaccesskeyid|invalidclienttokenid|access key id you provided does not exist",
        CredentialsError,
        " refuses who we are: it does not know the access key",
        "correct the access key, or the address it belongs to: {keys}",
    ),
    _Reason(
        r"(?i)expiredtoken|token has expired|invalidtoken|token included in the request is invalid",
        CredentialsError,
        " refuses who we are: the credentials have expired",
        "get new ones, for instance with aws sso login; or {keys}",
    ),
    _Reason(
        r"(?i)requesttimetooskewed|difference between the request time and the current time",
        CredentialsError,
        " refuses who we are: the clock of this machine is wrong",
        "set the clock, for instance with timedatectl set-ntp true",
    ),
    _Reason(
        r"(?i)hostkeynotverifiable|host key (?:is not trusted|verification failed)",
        CredentialsError,
        " is a host whose key is not known here",
        "connect once with ssh, and compare the key that it shows; it is kept in ~/.ssh/known_hosts then",
    ),
    _Reason(
        r"(?i)gaierror|name or service not known|name resolution|nodename nor servname|ClientConnectorDNSError",
        NetworkError,
        " cannot be reached: nobody knows a machine of that name",
        _ADDRESS,
    ),
    _Reason(
        r"(?i)sslerror|connectorssl|connectorcertificate|certificate_verify_failed|\[ssl",
        NetworkError,
        " cannot be reached: no secure connection can be made",
        "is it http:// there? For a certificate of your own: dvc remote modify {name} ssl_verify FILE",
    ),
    _Reason(
        r"(?i)endpointconnection|connecttimeout|readtimeout|clientconnector|connectionerror|timeouterror|unreachable"
        r"|could not connect|no ?connection|broken ?pipe|connect call failed|server ?disconnected"
        r"|connection ?(?:refused|reset|aborted|lost|closed)"
        r"|clientpayloaderror|contentlengtherror|incompleteread|response payload is not completed",
        NetworkError,
        " cannot be reached",
        _ADDRESS,
    ),
    _Reason(
        r"(?i)access ?denied|forbidden|permissionerror|\b403\b|accountproblem|read-only",
        CredentialsError,
        " may be read, but not written by us",
        "ask those who keep it for the right to write, or give another remote with --remote; {keys}",
        only=Doing.WRITING,
    ),
    _Reason(
        r"(?i)credential|autherror|permissionerror|permission ?denied|access ?denied|forbidden|unauthorized"
        r"|\b40[13]\b",
        CredentialsError,
        " refuses who we are",
        "look at the credentials and their rights: {keys}",
    ),
)
_FULL = {
    errno.ENOSPC: ("the disk is full", "free some space there, and run the command again: what was sent stays"),
    errno.EDQUOT: (
        "the quota there is used up",
        "free some space there, and run the command again: what was sent stays",
    ),
    errno.EROFS: ("the file system is read-only", "mount it for writing, or give another remote with --remote"),
    errno.EACCES: ("it may be read, but not written by us", "look at who owns it, and its permissions"),
    errno.EPERM: ("it may be read, but not written by us", "look at who owns it, and its permissions"),
}
_NOT_THERE = frozenset({errno.ENOTDIR, errno.ENOENT})


def told_error(error: BaseException, config: Mapping[str, Any], *, name: str, doing: Doing = Doing.READING) -> DsvError:
    """What a library of storage raised as one of dsv's errors, without what the settings keep secret."""
    said = "; ".join(dict.fromkeys(_words_of(error)))
    url = str(config.get("url", ""))
    where = f"the remote {name} ({address_of(config)})" if url else f"the remote {name}"
    details = {"remote": name, "url": address_of(config)}
    if url and "://" not in url:
        return _of_directory(error, where, details=details, doing=doing)
    shown = without_secrets(said, config)
    shown = shown if len(shown) <= _LONGEST else shown[:_LONGEST] + "..."
    keys = f"dvc remote modify --local {name} ..."
    if url.startswith("s3:"):
        keys = f"set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or {keys}"
    for reason in _REASONS:
        found = re.search(reason.pattern, said)
        if found is not None and reason.only in (None, doing):
            words = {"name": name, "keys": keys, **found.groupdict()}
            hint = reason.hint.format(**words)
            return reason.kind(f"{where}{reason.said.format(**words)}: {shown}", hint=hint, details=details)
    return RemoteError(f"{where} failed: {shown}", hint="dvc fetch -v shows what DVC says itself", details=details)


def full_error(config: Mapping[str, Any], *, name: str, needed: int, free: int) -> DiskError:
    """What is said of a directory whose disk has too little room."""
    said, hint = _FULL[errno.ENOSPC]
    return DiskError(
        f"the remote {name} ({address_of(config)}): {said}: {needed:,} bytes are to be sent, and {free:,} are free",
        hint=hint,
        details={"remote": name, "url": address_of(config), "needed": needed, "free": free},
    )


def _of_directory(error: BaseException, where: str, *, details: dict[str, Any], doing: Doing) -> DsvError:
    """What is said of a directory of this machine: there nobody asks for credentials."""
    code = error.errno if isinstance(error, OSError) else None
    reason = " ".join(str(error).split()) or type(error).__name__
    if doing is Doing.WRITING and code in _FULL:
        said, hint = _FULL[code]
        return DiskError(f"{where}: {said}", hint=hint, details=details)
    if code in _NOT_THERE:
        hint = "make it, or mount what it lies on; dsv remote list shows the address"
        return RemoteError(f"{where} is no directory", hint=hint, details=details)
    return RemoteError(f"{where} failed: {reason}", hint="look at the directory and its permissions", details=details)


def address_of(config: Mapping[str, Any]) -> str:
    """Where a remote lies, as it may be shown: its URL, and the endpoint where it names one."""
    url = without_secrets_of_urls(str(config.get("url", "")))
    endpoint = config.get("endpointurl")
    return f"{url} at {without_secrets_of_urls(str(endpoint))}" if endpoint else url


def without_secrets(text: str, config: Mapping[str, Any]) -> str:
    """The text without what the settings and the environment keep secret, and without the secrets of its URLs."""
    secrets = {str(value) for key, value in config.items() if re.search(_CONFIDENTIAL, key) and value}
    for variable, value in os.environ.items():
        if re.search(_CONFIDENTIAL, variable) and len(value) >= 8:  # noqa: PLR2004  # shorter ones are words like "true"
            secrets.add(value)
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, "***")
    return without_secrets_of_urls(text)


def _words_of(error: BaseException) -> Iterator[str]:
    """The kind and the words of an error and of those that led to it."""
    cause: BaseException | None = error
    while cause is not None:
        words = " ".join(str(cause).split())
        yield f"{type(cause).__name__}: {words}" if words else type(cause).__name__
        cause = cause.__cause__ or cause.__context__
