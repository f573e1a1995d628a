"""What a repository may not bring along in DVC's settings: a clone must not decide what runs on the machine it is on.

DVC obeys whatever `.dvc/config` says, and git hands that file to everybody who clones. Most settings only say where
data lies. A few name programs, or files that name programs or are written: those are their owner's to set.
"""

from __future__ import annotations

import os
from typing import Any

from dsv.adapters.dvc.runtime import load, translated
from dsv.errors import OutsideError

_OWNERS = {
    "bearer_token_command": "names a program",
    "configpath": "names a file that can name a program (credential_process)",
    "credentialpath": "names a file that can name a program (credential_process)",
    "gdrive_user_credentials_file": "names a file that is written",
    "plugins_path": "names programs",
    "setup_script": "names a program",
    "site_cache_dir": "names a directory that is written, and whose contents are believed",
    "startup_script": "names a program",
}


def refuse_brought_settings(root: str) -> None:
    """OutsideError for a setting that a file kept by git makes, and that only the owner of the machine may make."""
    directory = os.path.join(root, ".dvc")
    for file in (os.path.join(directory, "config"), os.path.join(directory, "config.local")):
        if not os.path.exists(file):
            continue
        found = _owners_settings(file)
        if found and (file.endswith("config") or _kept_by_git(root, file)):
            section, key = found[0]
            raise OutsideError(
                f"{os.path.relpath(file, root)} sets {key} of {section}, which {_OWNERS[key]}: "
                "that is for each machine to say",
                hint=f"if you trust it: dvc config --local {section}.{key} ..., in a file that git does not keep, "
                "and take the line out here",
                details={"file": os.path.relpath(file, root), "settings": [f"{where}.{name}" for where, name in found]},
            )


def _owners_settings(file: str) -> list[tuple[str, str]]:
    """The settings of a file that are their owner's to make, as (section, key), as DVC reads the file."""
    with translated(f"reading DVC's settings in {file}"):
        load()
        from dvc.config import Config

        return sorted(_found(Config.load_file(file), section=""))


def _found(settings: dict[str, Any], *, section: str) -> list[tuple[str, str]]:
    found = [(section, key) for key in settings if key in _OWNERS]
    for key, value in settings.items():
        if isinstance(value, dict):
            found += _found(value, section=f"{section}.{key}".lstrip("."))
    return found


def _kept_by_git(root: str, file: str) -> bool:
    """Whether a clone brings the file; True where that cannot be told."""
    from dvc.scm import SCM, SCMError

    try:
        scm = SCM(root)
        return any(scm.is_tracked(each) for each in (os.path.abspath(file), os.path.realpath(file)))
    except (SCMError, OSError):
        return True
