"""What datasets have in files that other people write too: dvc.yaml, attributes and hooks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from functools import partial

from dsv.adapters import dvc
from dsv.errors import ConflictError
from dsv.repository.health.check import Area, Check, Finding, Level, Mend, Mending, several
from dsv.repository.health.subject import Declared, Subject
from dsv.repository.layout import ARTIFACTS
from dsv.repository.merging.merge_driver import (
    ATTRIBUTES,
    attribute_pattern,
    attributed,
    attributes_text,
    attributes_with,
    configure_driver,
    driver_command,
    is_in_use,
    program_of,
)
from dsv.repository.writing.own_hook import HookState, repair_hook, state_of_hook

BAD_ARTIFACTS = Check(
    "D601",
    "artifacts",
    Level.ERROR,
    "{problem}",
    "{remedy}",
    "DVC reads dvc.yaml before anything else, and refuses all of it for one mistake.",
)
MISSING_ARTIFACTS = Check(
    "D602",
    "artifacts",
    Level.ERROR,
    "dvc.yaml has no artifact for {names}",
    "dsv doctor --fix writes the entries",
    "`dvc artifacts get` does not find the dataset. A merge lost the entry.",
    Mending.FIX,
)
REPEATED_ARTIFACTS = Check(
    "D603",
    "artifacts",
    Level.ERROR,
    "dvc.yaml names {names} more than once",
    "dsv doctor --fix keeps the first",
    "DVC refuses a dvc.yaml with a name twice. A merge kept both sides' entries.",
    Mending.FIX,
)
UNSORTED_ARTIFACTS = Check(
    "D604",
    "artifacts",
    Level.WARNING,
    "the artifacts of datasets in dvc.yaml are not in order, so that branches merge less often",
    "dsv doctor --fix sorts them",
    "In order, the entries of two branches conflict less often.",
    Mending.FIX,
)
UNKNOWN_DRIVER = Check(
    "D605",
    "merge driver",
    Level.WARNING,
    ".gitattributes names the merge driver of dsv, which this clone does not know: data merges as text",
    "dsv doctor --fix sets it up",
    "Attributes are committed, and git's configuration is each clone's own.",
    Mending.FIX,
)
LOST_DRIVER = Check(
    "D606",
    "merge driver",
    Level.WARNING,
    "the merge driver is {program}, which is not there",
    "dsv doctor --fix sets it up anew",
    "The environment that dsv was installed in is gone, and every merge of data fails.",
    Mending.FIX,
)
MISSING_ATTRIBUTES = Check(
    "D607",
    "merge driver",
    Level.WARNING,
    ".gitattributes does not name the merge driver for {pointers}",
    "dsv doctor --fix writes the lines",
    "Data of these datasets merges as text.",
    Mending.FIX,
)
LOST_HOOK = Check(
    "D608",
    "hook",
    Level.WARNING,
    "the pre-commit hook of dsv {problem}",
    "dsv doctor --fix writes it anew",
    "Commits go unchecked, or are refused for want of the program.",
    Mending.FIX,
)

_PROBLEMS = {
    HookState.LOST_PROGRAM: "calls a Python that is not there, and finds no dsv",
    HookState.NOT_EXECUTABLE: "may not be executed, so git leaves it out",
}


def artifacts(subject: Subject) -> Iterator[Finding]:
    """dvc.yaml names every released dataset, once and in order, so that `dvc artifacts get` finds it."""
    released = subject.released
    text = (subject.repository.text(ARTIFACTS) or b"").decode(errors="surrogateescape")
    try:
        names = dvc.artifact_names(text)
        missing = {name: declared for name, declared in released.items() if name not in names}
        own = [name for name in names if name in released]
        mend = Mend(edits={ARTIFACTS: partial(_artifacts_mended, missing=missing, own=sorted(released))})
        mend.edits[ARTIFACTS](text)
    except ConflictError as error:
        yield BAD_ARTIFACTS.found(problem=error.message, remedy=error.hint or "mend it in an editor")
        return
    if missing:
        yield MISSING_ARTIFACTS.found(mend, names=several(missing))
    if len(set(own)) < len(own):
        yield REPEATED_ARTIFACTS.found(mend, names=several({name for name in own if own.count(name) > 1}))
    elif own != sorted(own):
        yield UNSORTED_ARTIFACTS.found(mend)


def merge_driver(subject: Subject) -> Iterator[Finding]:
    """Where attributes name the driver git knows it, and every dataset has its attribute."""
    repository = subject.repository
    if not is_in_use(repository):
        return
    command = driver_command(repository)
    mend = Mend(act=partial(configure_driver, repository))
    if command is None:
        yield UNKNOWN_DRIVER.found(mend)
    elif shutil.which(program_of(command)) is None:
        yield LOST_DRIVER.found(mend, program=program_of(command))
    pointers = [repository.layout.data_pointer(each.path) for each in subject.released.values() if each.path]
    pointers = [pointer for pointer in pointers if repository.text(pointer) is not None]
    missing = {attribute_pattern(each) for each in pointers}.difference(attributed(attributes_text(repository)))
    if missing:
        edit = partial(attributes_with, pointers=pointers)
        yield MISSING_ATTRIBUTES.found(Mend(edits={ATTRIBUTES: edit}), pointers=several(missing))


def hook(subject: Subject) -> Iterator[Finding]:
    """Dsv's own pre-commit hook, where there is one, runs."""
    state = state_of_hook(subject.repository)
    if state in _PROBLEMS:
        yield LOST_HOOK.found(Mend(act=partial(repair_hook, subject.repository)), problem=_PROBLEMS[state])


SHARED_FILES = Area(
    "Shared files, merge driver and hook",
    (
        BAD_ARTIFACTS,
        MISSING_ARTIFACTS,
        REPEATED_ARTIFACTS,
        UNSORTED_ARTIFACTS,
        UNKNOWN_DRIVER,
        LOST_DRIVER,
        MISSING_ATTRIBUTES,
        LOST_HOOK,
    ),
    (artifacts, merge_driver, hook),
)


def _artifacts_mended(text: str, *, missing: Mapping[str, Declared], own: list[str]) -> str:
    text = dvc.artifacts_in_order(text, own)
    for name, declared in missing.items():
        artifact = dvc.Artifact(path=declared.path or "", type="dataset", desc=declared.description)
        text = dvc.artifacts_with(text, name, artifact=artifact)
    return text
