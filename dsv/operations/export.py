"""`dsv export`: a version in the form that another tool reads."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsv.errors import ExistsError, OverlapError, UsageError
from dsv.exports.card_block import MARKS, has_block
from dsv.exports.described import Exported
from dsv.model.export_form import ExportForm
from dsv.model.reference import GitRevision, Ref, Work
from dsv.repository import Repository, files
from dsv.repository.exporting.describing import describe, obtained_files
from dsv.repository.exporting.directory import NOTHING_FILLED, Filled, fill, read_existing
from dsv.repository.exporting.evidence import evidence_of
from dsv.repository.known.catalog import KnownVersion, resolve
from dsv.repository.transfer.restore import place_of

if TYPE_CHECKING:
    from dsv.exports.described import Described
    from dsv.repository.exporting.describing import ReleasedFiles

DOCUMENTS = {
    ExportForm.CROISSANT: "croissant.json",
    ExportForm.HUGGINGFACE: "README.md",
    ExportForm.DATAPACKAGE: "datapackage.json",
}
"""What the document is called in a directory that holds the data too."""


@dataclass(frozen=True)
class VersionExported:
    """A version in another form: the document, or the archive's bytes, and where it was written, if anywhere.

    `notes` say what the form has no words for.
    """

    ref: str
    form: ExportForm
    content: bytes
    path: str | None = None
    filled: Filled = NOTHING_FILLED
    notes: Sequence[str] = ()

    @property
    def text(self) -> str:
        """The document as text."""
        return self.content.decode()

    @property
    def digest(self) -> str:
        """The SHA-256 of the document or the archive."""
        return f"sha256:{hashlib.sha256(self.content).hexdigest()}"

    def document(self) -> dict[str, Any]:
        """As `--json` prints it: what was written, or the document itself where nothing was."""
        found: dict[str, Any] = {"ref": self.ref, "as": self.form.value, "path": self.path, "digest": self.digest}
        if self.path is None:
            return {**found, "document": self.text, "notes": list(self.notes)}
        return {
            **found,
            "written": list(self.filled.written),
            "removed": list(self.filled.removed),
            "kept": list(self.filled.kept),
            "notes": list(self.notes),
        }


def export(
    repository: Repository, reference: Ref, form: ExportForm, *, to: str | None = None, force: bool = False
) -> VersionExported:
    """The version in the form; with `to` written there, a directory with the data for the forms that describe it.

    Errors: NoDatasetError, NoVersionError; ExistsError for somebody's file in the way, unless `force`; OverlapError for
    a place in the dataset's own data; those of obtaining the files.
    """
    if isinstance(reference.selector, Work | GitRevision):
        raise UsageError(
            f"{reference} is no released version", hint="dsv bump releases it; name a version by its number"
        )
    # gather
    repository = repository.home_of(reference)
    known = resolve(repository, reference)
    version = describe(repository, known)
    if to is not None:
        _refuse_inside(repository, known, version, to)
    if form.is_archive:
        return _audit(repository, known, version, to=to, force=force)
    found = obtained_files(repository, known) if form.has_data else None
    existing = _card_there(to, force=force) if form is ExportForm.HUGGINGFACE and to is not None else None

    # decide
    exported = _document(version, form, found, existing=existing)
    content = exported.text.encode()

    # record
    filled = NOTHING_FILLED
    if to is not None and found is not None:
        name = DOCUMENTS[form]
        own = {} if form is ExportForm.HUGGINGFACE else {name: content}
        shared = {name: content} if form is ExportForm.HUGGINGFACE else {}
        filled = fill(
            repository, os.path.abspath(to), documents=own, shared=shared, obtained=found.obtained, force=force
        )
    elif to is not None:
        _write_new(to, content, force=force)
        filled = Filled([os.path.basename(to)])
    return VersionExported(version.ref, form, content, to, filled, exported.notes)


def _card_there(directory: str, *, force: bool) -> str | None:
    """The card that is in the directory, None where none is; ExistsError for one without a place for what dsv says."""
    name = DOCUMENTS[ExportForm.HUGGINGFACE]
    existing = read_existing(directory, name)
    if existing is not None and not has_block(existing) and not force:
        raise ExistsError(
            f"{os.path.join(directory, name)} is no card of dsv's",
            hint=f"write the line {' '.join(MARKS)} into it where the facts belong, or give --force to add them",
        )
    return existing


def _refuse_inside(repository: Repository, known: KnownVersion, version: Described, to: str) -> None:
    """OverlapError for a place inside the data of the dataset itself, which would have it in its next version."""
    path = place_of(repository, known, version.manifest)
    data, where = (os.path.realpath(each) for each in (repository.layout.absolute(path), to))
    if where == data or where.startswith(data + os.sep):
        raise OverlapError(f"{to} is in {path}, the data of {known.dataset} itself", hint="name a place outside of it")


def _audit(
    repository: Repository, known: KnownVersion, version: Described, *, to: str | None, force: bool
) -> VersionExported:
    if to is None:
        raise UsageError(
            "an audit pack is an archive, so it has to be written somewhere",
            hint=f"-o {version.ref.replace('@', '-')}-audit.tar",
        )
    from dsv.exports.audit import audit_pack

    evidence = evidence_of(repository, known, version)
    content = audit_pack(evidence)
    _write_new(to, content, force=force)
    notes = [f"not in the pack: {each}" for each in evidence.notes]
    return VersionExported(version.ref, ExportForm.AUDIT, content, to, Filled([os.path.basename(to)]), notes)


def _document(version: Described, form: ExportForm, found: ReleasedFiles | None, *, existing: str | None) -> Exported:
    from dsv.exports.croissant import croissant
    from dsv.exports.datapackage import datapackage
    from dsv.exports.huggingface import huggingface
    from dsv.exports.openlineage import openlineage
    from dsv.exports.prov import prov

    if found is None:
        return openlineage(version) if form is ExportForm.OPENLINEAGE else prov(version)
    if form is ExportForm.HUGGINGFACE:
        return huggingface(version, found.contents, existing=existing)
    return (croissant if form is ExportForm.CROISSANT else datapackage)(version, found.contents)


def _write_new(path: str, content: bytes, *, force: bool) -> None:
    """The file at the path; ExistsError where another one is there."""
    where = os.path.abspath(path)
    if os.path.isdir(where):
        raise ExistsError(f"{path} is a directory", hint="name a file in it")
    if os.path.lexists(where) and not force and files.read_bytes(where) != content:
        raise ExistsError(f"{path} is there already", hint="name another file, or give --force to replace it")
    files.write_bytes(where, content)
