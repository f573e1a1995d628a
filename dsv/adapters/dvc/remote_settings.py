"""The remotes of DVC's settings: those there are, and one more in the text of `.dvc/config`."""

from __future__ import annotations

import io
import os
import posixpath
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dsv.adapters.dvc.runtime import load, translated
from dsv.errors import BadNameError, DvcError, ExistsError, NoRemoteError, UsageError
from dsv.model.secrecy import holds_a_secret, without_secrets_of_urls

CONFIG = ".dvc/config"
LOCAL_CONFIG = ".dvc/config.local"
# DVC makes lower case of what it is given, and then does not find the name of a default remote in another case.
_NAME = re.compile(r"[a-z0-9]([a-z0-9_-]*[a-z0-9])?")
_WITHOUT_VERIFY = frozenset({"hdfs", "webhdfs"})
_SHOWN = {"endpointurl": "endpoint_url", "region": "region", "profile": "profile"}


@dataclass(frozen=True)
class RemoteSettings:
    """A remote as the settings have it, without anything secret; `url` may be shown."""

    name: str
    url: str
    default: bool
    options: Mapping[str, str]

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        return {"name": self.name, "url": self.url, "default": self.default, **self.options}


@dataclass(frozen=True)
class NewRemote:
    """A remote to set up; `options` are settings of DVC's by their names there."""

    name: str
    url: str
    options: Mapping[str, str]

    @classmethod
    def checked(cls, name: str, url: str, *, directory: str, root: str, options: Mapping[str, str]) -> NewRemote:
        """The remote when name and address will do; a relative path counts from the directory.

        Errors: BadNameError, UsageError for what would put a secret into a file that git keeps.
        """
        if not _NAME.fullmatch(name):
            raise BadNameError(f"{name!a} is no name for a remote", hint="lower case letters, digits, - and _")
        for what, text in (("the address", url), ("--endpoint-url", options.get("endpointurl", ""))):
            if holds_a_secret(text):
                raise UsageError(
                    f"{what} of the remote {name} holds a password or a signature, and git would keep it",
                    hint=f"leave it out here; then dvc remote modify --local {name} password ..., or the environment",
                )
        if not url.strip() or "\n" in url:
            raise UsageError(f"the remote {name} needs an address", hint="for instance s3://bucket/path or ../storage")
        kept = {key: value for key, value in options.items() if value}
        return cls(name, _address(url, directory=directory, root=root), kept)


def chosen_remote(config: Mapping[str, Any], name: str) -> str:
    """The name, which DVC's settings have as a remote's, or the default remote's; NoRemoteError where there is none."""
    chosen, remotes = name or config["core"].get("remote"), sorted(config["remote"])
    if chosen and chosen in remotes:
        return str(chosen)
    said = f"there is no remote {chosen!a}" if chosen else "no remote is set up"
    if remotes and not chosen:
        said = f"no remote is the default one of {', '.join(remotes)}"
    hint = "dsv remote add NAME URL" if not remotes else "dsv remote list shows them; or dsv remote add NAME URL"
    raise NoRemoteError(said, hint=hint, details={"remotes": remotes})


def remotes_in_order(root: str, first: str = "") -> list[str]:
    """The remotes to be asked one after the other: the named one or the default one first, the others by name.

    NoRemoteError where there is no first one.
    """
    config = _config(root)
    chosen = chosen_remote(config, first)
    return [chosen, *sorted(set(config["remote"]) - {chosen})]


def remotes_of(root: str) -> list[RemoteSettings]:
    """Every remote that DVC knows at the root, by name."""
    config = _config(root)
    default = config["core"].get("remote")
    return [
        RemoteSettings(
            name,
            without_secrets_of_urls(str(settings.get("url", ""))),
            name == default,
            {
                shown: without_secrets_of_urls(str(settings[key]))
                for key, shown in _SHOWN.items()
                if settings.get(key) is not None
            },
        )
        for name, settings in sorted(config["remote"].items())
    ]


def _config(root: str) -> Any:
    """DVC's settings at the root, those of the person and the machine among them."""
    with translated(f"reading DVC's settings in {root}"):
        load()
        from dvc.config import Config

        return Config(os.path.join(root, ".dvc"))


def config_with_remote(text: str, new: NewRemote, *, default: bool) -> str:
    """The text of a `.dvc/config` with the remote in it; comments and order stay.

    ExistsError where the text has a remote of this name, DvcError where DVC would not read the result.
    """
    with translated("changing .dvc/config"):
        load()
        from configobj import ConfigObj

        config = ConfigObj(io.StringIO(text), list_values=True, encoding="utf-8")
        if any(_is_section(key, new.name) for key in config):
            raise ExistsError(f"there is a remote {new.name} already", hint="dsv remote list shows it")
        config[f'remote "{new.name}"'] = _settings(new)
        if default:
            config.setdefault("core", {})["remote"] = new.name
        out = io.BytesIO()
        config.write(out)
        after = out.getvalue().decode()
    _refuse_unreadable(after, new)
    return after


def _settings(new: NewRemote) -> dict[str, str]:
    scheme = new.url.partition("://")[0] if "://" in new.url else ""
    verify = {} if scheme in _WITHOUT_VERIFY else {"verify": "true"}
    return {"url": new.url, **new.options, **verify}


def _is_section(key: str, name: str) -> bool:
    return re.fullmatch(rf"""\s*['"]?remote\s*"{re.escape(name)}"['"]?\s*""", key.lower()) is not None


def _address(url: str, *, directory: str, root: str) -> str:
    """The address as `.dvc/config` has it: a relative path there counts from `.dvc`."""
    if url.startswith("file://"):
        url = url.removeprefix("file://")
    if "://" in url or os.path.isabs(url) or url.startswith("~"):
        return url
    path = os.path.relpath(os.path.join(directory, url), os.path.join(root, ".dvc"))
    return path.replace(os.sep, posixpath.sep)


def _refuse_unreadable(text: str, new: NewRemote) -> None:
    from dvc.config import Config, ConfigError

    with tempfile.TemporaryDirectory() as scratch:
        file = os.path.join(scratch, "config")
        with open(file, "w", encoding="utf-8") as stream:
            stream.write(text)
        try:
            settings = Config.load_file(file)
            Config.validate(settings)
            held: Sequence[str] = list(settings["remote"])
        except ConfigError as error:
            reason = " ".join(str(error).split())
            raise DvcError(
                f"DVC would not read the remote {new.name}: {without_secrets_of_urls(reason)}",
                hint="see dvc.org/doc for the options of this kind of storage",
            ) from None
    if new.name not in held:
        raise DvcError(f"DVC would not find the remote {new.name} in {CONFIG}", hint="look at the file: dvc config -l")
