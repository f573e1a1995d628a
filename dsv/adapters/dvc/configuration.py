"""DVC's settings as its files have them: how data is kept and where; read without loading DVC."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dsv.adapters.dvc.cache import config_files
from dsv.adapters.dvc.disk import disk_error
from dsv.adapters.dvc.opening import opened
from dsv.adapters.dvc.remote_settings import CONFIG
from dsv.errors import DvcError
from dsv.model.secrecy import holds_a_secret

_MEND = "mend it in an editor"
_LINKS = ("hardlink", "symlink")
_SECRETS = frozenset(
    [
        "access_key_id",
        "secret_access_key",
        "session_token",
        "password",
        "passphrase",
        "token",
        "sas_token",
        "account_key",
        "connection_string",
        "client_secret",
        "oss_key_id",
        "oss_key_secret",
        "custom_auth_header",
        "sse_customer_key",
        "gdrive_client_secret",
    ]
)
# With these alone DVC has nothing to complain of; whether it knows others, it must be asked itself.
_PLAIN = {
    "core": frozenset({"remote", "autostage", "analytics", "check_update", "no_scm"}),
    "cache": frozenset({"dir", "type", "shared"}),
    "remote": frozenset({"url", "verify", "endpointurl", "region", "profile", "version_aware", "worktree", *_SECRETS}),
}
_NAMED = re.compile(r"""\s*['"]?\s*(remote|machine|db)\s*"(.*)"\s*['"]?\s*""")


@dataclass(frozen=True)
class RemoteEntry:
    """A remote: its settings from all files, and the last file that gives it an address."""

    name: str
    settings: Mapping[str, str]
    file: str

    @property
    def rewrites_pointers(self) -> bool:
        """Whether DVC keeps versions of files there, and says so in pointers."""
        return _is_on(self.settings.get("version_aware")) or _is_on(self.settings.get("worktree"))

    @property
    def verifies(self) -> bool:
        """Whether DVC looks at the bytes that come from there; where it has no such setting, it is left out."""
        scheme = self.settings.get("url", "").partition("://")[0]
        return scheme in {"hdfs", "webhdfs"} or _is_on(self.settings.get("verify"))

    @property
    def directory(self) -> str | None:
        """Where it lies in this file system; None for one elsewhere."""
        url = self.settings.get("url", "").removeprefix("file://")
        if not url or "://" in url:
            return None
        return os.path.normpath(os.path.join(os.path.dirname(self.file), os.path.expanduser(url)))


class ExposedSetting(NamedTuple):
    """A setting that should be nobody else's; `name` is that of a remote, "" in other sections."""

    kind: str
    name: str
    key: str

    @property
    def section(self) -> str:
        """Where it stands, in words."""
        return f"the remote {self.name}" if self.kind == "remote" else f"[{self.kind}]"

    @property
    def removal(self) -> str:
        """The commands that take it out of what git keeps, and put it where it belongs."""
        if self.kind != "remote":
            return f"take it out of {CONFIG} and commit; dvc config --local {self.kind}.{self.key} ..."
        if self.key in {"url", "endpointurl"}:
            return f"dvc remote modify {self.name} {self.key} ADDRESS_WITHOUT_IT, commit"
        return (
            f"dvc remote modify --unset {self.name} {self.key}, commit, dvc remote modify --local {self.name} "
            f"{self.key} ..."
        )


@dataclass(frozen=True)
class Configuration:
    """The settings in force: the links that `cache.type` allows and all that it names, and remotes by name."""

    links: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    cache_directory: str | None = None
    cache_file: str | None = None
    remotes: Mapping[str, RemoteEntry] = field(default_factory=dict)
    default_remote: str | None = None


def configuration(root: str) -> Configuration:
    """The settings in force at the root, from all of DVC's files of settings; no remote is asked.

    DvcError for a file that cannot be read, or that DVC would refuse.
    """
    core: dict[str, str] = {}
    cache: dict[str, Any] = {}
    remotes: dict[str, RemoteEntry] = {}
    plain, cache_file = True, None
    for file in config_files(root):
        sections = _sections(file)
        plain = plain and all(set(settings) <= _PLAIN.get(kind, frozenset()) for kind, _, settings in sections)
        for kind, name, settings in sections:
            if kind == "core":
                core.update(settings)
            elif kind == "cache":
                cache.update(settings)
                cache_file = file if "dir" in settings else cache_file
            elif kind == "remote":
                before = remotes.get(name)
                placed = file if "url" in settings or before is None else before.file
                remotes[name] = RemoteEntry(name, {**(before.settings if before else {}), **settings}, placed)
    if not plain:
        with opened(root):  # refuses what it does not know
            pass
    types = _listed(cache.get("type"))
    directory = cache.get("dir")
    if directory is not None:
        directory = os.path.normpath(os.path.join(os.path.dirname(cache_file or ""), os.path.expanduser(directory)))
    return Configuration(
        links=tuple(each for each in _LINKS if each in types),
        types=types,
        cache_directory=directory,
        cache_file=cache_file,
        remotes=dict(sorted(remotes.items())),
        default_remote=core.get("remote") or None,
    )


def exposed_settings(text: str) -> list[ExposedSetting]:
    """What a file of settings has of keys, passwords and signatures; never the values."""
    return [
        ExposedSetting(kind, name, key)
        for kind, name, settings in _sections_in(text.encode(errors="surrogateescape"), file=CONFIG)
        for key in _secret_keys(settings)
    ]


def verified_remote(text: str, name: str) -> str:
    """The text of a `.dvc/config` in which DVC is told to look at the bytes that come from the remote."""
    written, inside = list[str](), False
    for line in text.splitlines(keepends=True):
        header = re.fullmatch(r"\s*\[(.*)\]\s*(#.*)?", line.rstrip("\r\n"))
        if header is not None:
            inside = _kind_and_name(header[1]) == ("remote", name.lower())
        elif inside and re.match(r"(?i)\s*verify\s*=", line):
            continue
        written.append(line)
        if inside and re.match(r"(?i)\s*url\s*=", line):
            ending = line[len(line.rstrip("\r\n")) :]
            indent = line[: len(line) - len(line.lstrip())]
            written[-1:] = [line if ending else f"{line}\n", f"{indent}verify = true{ending or chr(10)}"]
    return "".join(written)


def _sections(file: str) -> list[tuple[str, str, dict[str, str]]]:
    """The sections of a file of settings as (kind, name, settings), in lower case as DVC takes them."""
    try:
        with open(file, "rb") as stream:
            data = stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise disk_error(error, doing=f"reading {file}") from error
    return _sections_in(data, file=file)


def _sections_in(data: bytes, *, file: str) -> list[tuple[str, str, dict[str, str]]]:
    if not data.strip():
        return []
    from configobj import ConfigObj, ConfigObjError  # what DVC reads it with

    try:
        parsed = ConfigObj(data.decode().splitlines(), list_values=True, interpolation=False)
    except (UnicodeDecodeError, ConfigObjError) as error:
        line = getattr(error, "line_number", None)
        where = f", line {line}" if line else ""
        # Its own words would show the line, and with it what may be secret.
        raise DvcError(f"{file}{where}: DVC cannot read these settings", hint=_MEND) from None
    found = []
    for header, settings in parsed.items():
        if not hasattr(settings, "items"):
            raise DvcError(f"{file} has a setting outside of any section: DVC refuses it", hint=_MEND)
        values = {key.lower(): _text(value) for key, value in settings.items()}
        found.append((*_kind_and_name(header), values))
    return found


def _kind_and_name(header: str) -> tuple[str, str]:
    match = _NAMED.fullmatch(header.lower())
    return (match[1], match[2]) if match is not None else (header.strip().lower(), "")


def _secret_keys(settings: Mapping[str, str]) -> list[str]:
    return sorted(key for key, value in settings.items() if value and (key in _SECRETS or holds_a_secret(value)))


def _text(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _listed(value: str | None) -> tuple[str, ...]:
    return tuple(each.strip() for each in (value or "").split(",") if each.strip())


def _is_on(value: str | None) -> bool:
    return (value or "").strip().lower() in {"true", "1", "yes", "on"}
