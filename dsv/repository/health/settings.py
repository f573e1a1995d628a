"""The settings of dsv and of DVC: that they can be read, keep data safe, and keep secrets to themselves."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

from dsv.adapters import dvc
from dsv.adapters.git import clone
from dsv.errors import DsvError
from dsv.model.secrecy import SIGNS_OF_SECRETS, kind_of_secret
from dsv.repository.health.check import Area, Check, Finding, Level, Mend, Mending, several
from dsv.repository.health.subject import Subject
from dsv.repository.layout import ARTIFACTS, SETTINGS

BAD_SETTINGS = Check(
    "D501",
    "dsv settings",
    Level.ERROR,
    "{problem}",
    "mend it in an editor; git restore dsv.yaml brings back the committed one",
    "Every command reads dsv.yaml first.",
)
BAD_DVC_SETTINGS = Check(
    "D502",
    "dvc settings",
    Level.ERROR,
    "{problem}",
    "{remedy}",
    "DVC refuses every command, and dsv cannot know where data is.",
)
DVC_VERSION = Check(
    "D503",
    "dvc version",
    Level.WARNING,
    "DVC {version} is not one that dsv was tried with",
    "pip install 'dvc>=3.67,<3.68'",
    "dsv writes DVC's cache itself where it knows every byte of it; with another DVC it asks that, which is slower.",
)
LINKED_DATA = Check(
    "D504",
    "cache type",
    Level.WARNING,
    "cache.type allows {links}: an edit of the data would change the cache too",
    "dvc config cache.type reflink,copy && dvc checkout --relink",
    "Hard links and symbolic links make the work tree and the only other copy one file.",
)
VERSION_AWARE = Check(
    "D505",
    "remote",
    Level.ERROR,
    "the remote {name} is version aware, and rewrites the pointers of released versions on push",
    "dvc remote modify {name} version_aware false && dvc remote modify {name} worktree false",
    "A released version's pointer must stay as it was released.",
)
NO_REMOTE = Check(
    "D506",
    "remote",
    Level.WARNING,
    "there is no remote: the data is {where} alone",
    "dsv remote add NAME URL --default",
    "What is in one place can be lost.",
)
NO_DEFAULT_REMOTE = Check(
    "D507",
    "remote",
    Level.WARNING,
    "none of the remotes {names} is the default",
    "dvc remote default {first}",
    "`dsv push` and plain `dvc push` have to be told where to.",
)
UNKNOWN_DEFAULT_REMOTE = Check(
    "D508",
    "remote",
    Level.ERROR,
    "the default remote {name} is none of the remotes that there are{names}",
    "dvc remote default ONE_OF_THEM, or dsv remote add NAME URL --default",
    "Nothing can be pushed or fetched. DVC takes names in lower case.",
)
UNVERIFIED_REMOTE = Check(
    "D509",
    "remote",
    Level.WARNING,
    "DVC does not look at the bytes that come from the remote {name}",
    "{remedy}",
    "Without `verify` plain `dvc pull` takes a damaged object for good, and says nothing.",
    Mending.FIX,
)
LOST_REMOTE = Check(
    "D510",
    "remote",
    Level.WARNING,
    "the remote {name} leads to {path}, and not even the directory above is there",
    "mount it; or, where it was moved: dvc remote modify {name} url NEW_PLACE",
    "The repository or the storage was moved, and the address counts from the old place.",
)
EXPOSED_SETTING = Check(
    "D511",
    "secret",
    Level.ERROR,
    "{file}, which git keeps, has {key} of {section}",
    "change it where it is valid, as git's history has it; then {remedy}",
    "Whoever can clone the repository can use it.",
)
EXPOSED_ADDRESS = Check(
    "D512",
    "secret",
    Level.ERROR,
    "{file}, line {line}, which git keeps, has {what}",
    "change it where it is valid, as git's history has it; then take it out of the file, and commit",
    "Whoever can clone the repository can use it.",
)
TRACKED_LOCAL_SETTINGS = Check(
    "D513",
    "secret",
    Level.ERROR,
    "git tracks {file}, which is for what should stay on one machine",
    "git rm --cached {file}, and commit; what is secret in it has to be changed, as git's history has it",
    "DVC keeps passwords and keys there.",
)
NO_DVC = Check(
    "D514",
    "dvc",
    Level.ERROR,
    "DVC is not installed beside dsv",
    "pip install 'dvc>=3.67,<3.68' in the environment of dsv",
    "Data comes and goes through DVC.",
)

_SHOWN = 10


def dsv_settings(subject: Subject) -> Iterator[Finding]:
    """dsv.yaml can be read."""
    try:
        subject.repository.settings()
    except DsvError as error:
        yield BAD_SETTINGS.found(problem=error.message)


def dvc_itself(subject: Subject) -> Iterator[Finding]:
    """DVC is one that dsv knows, and can read its settings."""
    installed = dvc.installed_version()
    if installed is None:
        yield NO_DVC.found()
    elif not dvc.writes_like_the_tested_dvc():
        yield DVC_VERSION.found(version=installed)
    try:
        _ = subject.dvc_settings
    except DsvError as error:
        yield BAD_DVC_SETTINGS.found(problem=error.message, remedy=error.hint or "mend it in an editor")


def dvc_settings(subject: Subject) -> Iterator[Finding]:
    """DVC copies data rather than linking it, and there is a remote that keeps objects as they are."""
    found = subject.dvc_settings
    if found.links:
        yield LINKED_DATA.found(links=" and ".join(found.links))
    names = list(found.remotes)
    if not names and found.default_remote is None:
        yield NO_REMOTE.found(where="where it was released" if subject.never_fetched else "on this machine")
    elif found.default_remote is None:
        yield NO_DEFAULT_REMOTE.found(names=several(names), first=names[0])
    elif found.default_remote not in names:
        known = f": {several(names)}" if names else ""
        yield UNKNOWN_DEFAULT_REMOTE.found(name=found.default_remote, names=known)
    for each in found.remotes.values():
        if each.rewrites_pointers:
            yield VERSION_AWARE.found(name=each.name)
        elif not each.verifies:
            yield _unverified(subject, each)
        path = each.directory
        if path is not None and not os.path.isdir(path) and not os.path.isdir(os.path.dirname(path)):
            yield LOST_REMOTE.found(name=each.name, path=path)


def secrets(subject: Subject) -> Iterator[Finding]:
    """Nothing that git keeps has a password or a key in it; what it is, is not said."""
    repository = subject.repository
    git, layout = repository.git, repository.layout
    for path in clone.tracked(git, [layout.in_git(dvc.LOCAL_CONFIG)]):
        yield TRACKED_LOCAL_SETTINGS.found(file=layout.from_git(path))
    if clone.tracked(git, [layout.in_git(dvc.CONFIG)]):
        text = (repository.text(dvc.CONFIG) or b"").decode(errors="surrogateescape")
        for each in dvc.exposed_settings(text):
            yield EXPOSED_SETTING.found(file=dvc.CONFIG, key=each.key, section=each.section, remedy=each.removal)
    own = [layout.in_git(each) for each in (SETTINGS, ARTIFACTS, "dvc.lock", "params.yaml", layout.manifests)]
    below = f":(top,glob){layout.in_git('**/')}"
    for path in clone.tracked_with(
        git, SIGNS_OF_SECRETS, *own, f"{below}*.dvc", f"{below}dvc.yaml", f"{below}dvc.lock"
    ):
        content = repository.text(layout.from_git(path)) or b""
        lines = enumerate(content.decode(errors="replace").splitlines(), start=1)
        found = [(number, what) for number, line in lines if (what := kind_of_secret(line)) is not None]
        for number, what in found[:_SHOWN]:
            yield EXPOSED_ADDRESS.found(file=layout.from_git(path), line=number, what=what)


SETTING = Area(
    "Settings and secrets",
    (
        BAD_SETTINGS,
        BAD_DVC_SETTINGS,
        DVC_VERSION,
        LINKED_DATA,
        VERSION_AWARE,
        NO_REMOTE,
        NO_DEFAULT_REMOTE,
        UNKNOWN_DEFAULT_REMOTE,
        UNVERIFIED_REMOTE,
        LOST_REMOTE,
        EXPOSED_SETTING,
        EXPOSED_ADDRESS,
        TRACKED_LOCAL_SETTINGS,
        NO_DVC,
    ),
    (dsv_settings, dvc_itself, dvc_settings, secrets),
)


def _unverified(subject: Subject, remote: dvc.RemoteEntry) -> Finding:
    """The finding; where git keeps the settings of the remote, dsv can add the line."""
    edit = partial(dvc.verified_remote, name=remote.name)
    text = (subject.repository.text(dvc.CONFIG) or b"").decode(errors="surrogateescape")
    if edit(text) != text and remote.file == subject.repository.layout.absolute(dvc.CONFIG):
        return UNVERIFIED_REMOTE.found(
            Mend(edits={dvc.CONFIG: edit}), name=remote.name, remedy="dsv doctor --fix sets verify = true"
        )
    level = "--local " if remote.file.endswith(".local") else "--global "
    return UNVERIFIED_REMOTE.found(name=remote.name, remedy=f"dvc remote modify {level}{remote.name} verify true")
