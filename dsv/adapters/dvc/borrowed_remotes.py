"""The remotes of somebody else's repository, to read from: of its settings only where they are.

What its `.dvc/config` says beyond that is not obeyed: not where a cache is, no program, no file, no key.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dsv.adapters.dvc.runtime import load, translated

if TYPE_CHECKING:
    from dsv.adapters.dvc.cache import Cache

_SCHEMES = ("s3", "gs", "azure", "https", "http", "webdavs", "webdav", "ssh", "oss")
_KEPT = ("endpointurl", "region", "use_ssl", "allow_anonymous_login", "account_name", "user", "port")
_SECTION = re.compile(r"""['"]?remote "([a-z0-9][a-z0-9_-]*)"['"]?""")


@dataclass(frozen=True)
class BorrowedRemotes:
    """Remotes by name with what is kept of their settings, and the name of the default one, "" without."""

    remotes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    default: str = ""


def borrowed_remotes(config: bytes) -> BorrowedRemotes:
    """The remotes in the text of a `.dvc/config` that may be read from; none of a text that DVC would not read."""
    with translated("reading the DVC settings of another repository"):
        load()
        from configobj import ConfigObj, ConfigObjError

        try:
            parsed = ConfigObj(io.StringIO(config.decode("utf-8", "replace")), list_values=False, interpolation=False)
        except ConfigObjError:
            return BorrowedRemotes()
    found = {}
    for section, settings in parsed.items():
        named = _SECTION.fullmatch(section)
        if named is None or not isinstance(settings, dict) or not _may_be_read(str(settings.get("url", ""))):
            continue
        kept = {key: str(settings[key]) for key in ("url", *_KEPT) if isinstance(settings.get(key), str)}
        found[named[1]] = kept
    core = parsed.get("core")
    default = str(core.get("remote", "")) if isinstance(core, dict) else ""
    return BorrowedRemotes(found, default if default in found else min(found, default=""))


def lend_remotes(root: str, borrowed: BorrowedRemotes, *, cache: Cache) -> None:
    """Make the directory a DVC root that has these remotes, and this cache; nothing of it is in git."""
    directory = os.path.join(root, ".dvc")
    os.makedirs(directory, exist_ok=True)
    with translated("writing DVC settings"):
        load()
        from configobj import ConfigObj

        config = ConfigObj(encoding="utf-8", interpolation=False)
        config["core"] = {"remote": borrowed.default, "no_scm": "true", "analytics": "false"}
        config["cache"] = {"dir": cache.directory}
        for name, settings in sorted(borrowed.remotes.items()):
            config[f'remote "{name}"'] = dict(settings)
        out = io.BytesIO()
        config.write(out)
    partial = os.path.join(directory, f"config.{os.getpid()}.tmp")
    with open(partial, "wb") as file:
        file.write(out.getvalue())
    os.replace(partial, os.path.join(directory, "config"))


def _may_be_read(url: str) -> bool:
    """Whether it is an address anywhere, or a path that does not count from where that repository lies."""
    return url.partition("://")[0] in _SCHEMES if "://" in url else os.path.isabs(url)
