"""What a killed command left behind, finished or undone before the next one begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dsv.adapters.git.transaction import clear_index
from dsv.errors import DiskError, DsvError
from dsv.model.reference import parse_reference
from dsv.repository import files
from dsv.repository.known.catalog import read_manifest, resolve
from dsv.repository.writing import journal
from dsv.repository.writing.push_note import clear_push

if TYPE_CHECKING:
    from dsv.repository.repository import Repository


def recover(repository: Repository) -> None:
    """Nothing is half done any more; what was, and what became of it, is told. The caller holds the lock."""
    clear_push(repository)
    entry = journal.load(repository.journal_file)
    if entry is None:
        return
    from dsv.repository.writing.transaction import End, Left, bring_back_work, settle

    # A hook that outlived the command has nothing left to put back from.
    clear_index(repository.private("commit-index"))
    end = settle(repository, entry)
    bring_back_work(repository, entry, left=Left.TOLD)
    if entry.placing and not _placed(repository, entry):
        files.remove(repository.journal_file)
        return
    if end is End.FINISHED:
        repository.tell(f"finished the {entry.operation} that was interrupted")
    else:
        repository.tell(f"undid the {entry.operation} that was interrupted")
    if end is End.FINISHED and entry.data:
        _place_data(repository, entry.data)
    files.remove(repository.journal_file)


def _placed(repository: Repository, entry: journal.Journal) -> bool:
    """Whether the data lies where it was on its way to; why not, is told, but for a disk that refuses."""
    from dsv.repository.writing.placing import go_on_placing

    try:
        go_on_placing(repository, entry)
    except DiskError:
        raise
    except DsvError as error:
        repository.tell(f"the {entry.operation} was interrupted and cannot be finished: {error.message}")
        return False
    return True


def _place_data(repository: Repository, name: str) -> None:
    from dsv.repository.transfer.restore import put_into_work_tree

    reference = parse_reference(name)
    try:
        known = resolve(repository, reference)
        put_into_work_tree(repository, known, read_manifest(repository, known), force=False)
    except DsvError as error:
        repository.tell(f"the data of {name} is not in the working tree: {error.message}; see dsv checkout {name}")
