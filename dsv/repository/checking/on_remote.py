"""Versions looked for on a DVC remote, for the check that they are complete there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from dsv.adapters import dvc
from dsv.checks.data import on_remote
from dsv.model.standing import Status
from dsv.repository.verification.held_objects import HeldObjects
from dsv.repository.verification.remote_places import RemotePlace
from dsv.repository.verification.verification import Depth, cases
from dsv.repository.verification.version_contents import contents_of

if TYPE_CHECKING:
    from dsv.checks.subject import Subject
    from dsv.model.finding import Finding
    from dsv.repository.known.catalog import KnownVersion
    from dsv.repository.repository import Repository


def check_remote(repository: Repository, versions: Mapping[KnownVersion, Subject], name: str) -> list[Finding]:
    """Whether each version is complete on the remote of this name, the default one where it is empty.

    Of a version that was removed it is known that it is not. Nothing needs to be here: lists of files are read there.
    Errors: NoRemoteError, and those of a remote that does not answer.
    """
    held = HeldObjects(repository)
    findings = []
    with dvc.remote(held.cache, name) as opened:
        opened.reach()
        place = RemotePlace(repository, opened, held, depth=Depth.LISTS)
        wanted = [each for each in versions if each.status is not Status.REMOVED]
        for case in cases(repository, wanted):
            if case.manifest is None:
                continue
            index = repository.layout.index_directory(case.known.dataset, case.known.version)
            contents = contents_of(case.manifest, index_path=index, read=place.reader(held.content))
            asked = {*contents.data.oids, *contents.index.oids}
            missing = [each.file or each.path for each in place.problems(case, contents)]
            findings.append(on_remote(versions[case.known], asked=len(asked), missing=missing, remote=opened.name))
    return findings
