"""`dsv.load`: a version for whoever trains with it, its files here and verified, and what is in them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dsv.errors import BadRecordError, NoVersionError
from dsv.model.portion import ALL_FILES, Portion
from dsv.model.reading import OPAQUE
from dsv.model.reference import GitRevision, Ref, Work
from dsv.records.formats import choose
from dsv.records.handed_out import BadRecords, records_in
from dsv.repository.consuming.locking import refuse_other
from dsv.repository.consuming.pinned import pinned_version
from dsv.repository.obtaining.finding import find_version
from dsv.repository.obtaining.obtaining import Obtained, Trust, obtain
from dsv.repository.obtaining.views import view_of
from dsv.repository.running.notes import note_found
from dsv.repository.transfer.fetching import portion_of_nothing

if TYPE_CHECKING:
    import pyarrow as pa

    from dsv.repository.consuming.consumer import Consumer
    from dsv.repository.obtaining.origin import Origin

REST = "rest"
"""What the files of no split are called among splits."""


def load(
    origin: Origin, reference: Ref, *, portion: Portion = ALL_FILES, trust: Trust = Trust.SEEN, tree: str = ""
) -> Obtained:
    """The portion of the version that the reference names in the origin; `tree` is the digest that it must have.

    Errors: those of `find_version` and `obtain`.
    """
    if isinstance(reference.selector, Work | GitRevision):
        raise NoVersionError(
            f"{reference} is no released version, and only these stay as they are",
            hint=f"dsv bump {reference.dataset} releases the data of the work tree",
        )
    obtained = obtain(find_version(origin, reference, tree=tree), portion, trust=trust)
    note_found(obtained.found, asked=reference, portion=obtained.portion)
    return obtained


def load_pinned(
    consumer: Consumer, reference: Ref, *, portion: Portion = ALL_FILES, trust: Trust = Trust.SEEN
) -> Obtained | None:
    """The version that the project has locked under the reference's name; None where it pins nothing of this name.

    Without a portion that of the pin. Nothing is asked over the network where its files are here. Errors: those of
    `pinned_version` and `obtain`.
    """
    locked = pinned_version(consumer, reference)
    if locked is None:
        return None
    pin, found = locked
    obtained = obtain(found, pin.portion if portion.is_all else portion, trust=trust)
    refuse_other(pin, obtained.found)
    note_found(obtained.found, asked=pin.reference, portion=obtained.portion, commit=pin.commit, tag=pin.tag)
    return obtained


def restricted(obtained: Obtained, split: str) -> Obtained:
    """The files of this split among those that were obtained; NoPathError where there are none."""
    reading = obtained.manifest.declared
    portion = replace(obtained.portion, splits=(split,))
    kept = [each for each in obtained.files if reading.split_of(each.path) == split]
    if not kept:
        there = {name for each in obtained.files if (name := reading.split_of(each.path)) is not None}
        raise portion_of_nothing(obtained.found.name, portion, splits=there)
    return replace(obtained, portion=portion, files=kept)


def by_split(obtained: Obtained) -> dict[str, Obtained]:
    """The files with records in them by split, those of none as `rest`; all under one name where there is one split."""
    reading = obtained.manifest.declared
    with_records = [each for each in obtained.files if _is_opaque(obtained) or choose(each.path, reading) is not None]
    names = sorted({reading.split_of(each.path) or "" for each in with_records})
    if len(names) < 2:  # noqa: PLR2004 - several splits, or none worth a name
        return {names[0] if names else "": obtained}
    return {
        name or REST: replace(
            obtained, files=[each for each in with_records if (reading.split_of(each.path) or "") == name]
        )
        for name in names
    }


def records(obtained: Obtained, *, bad: BadRecords) -> Iterator[Any]:
    """The records of the files, in the order of their paths; of opaque files alone, each file as a record.

    BadRecordError at once where the whole version is asked for, and was released with records that do not parse.
    """
    manifest = obtained.manifest
    if bad is BadRecords.REFUSE and obtained.portion.is_all and manifest.data.bad_records:
        number = manifest.data.bad_records
        raise BadRecordError(
            f"{obtained.found.name} was released with {number:,} {'record' if number == 1 else 'records'} that cannot "
            "be read",
            hint='on_bad_record="skip" leaves them out, as the counts of its manifest do',
            details={"ref": obtained.found.name, "count": number},
        )
    if _is_opaque(obtained):
        return _files(obtained)
    return _records(obtained, bad=bad)


def table(obtained: Obtained, *, columns: Sequence[str], bad: BadRecords) -> pa.Table:
    """The records by column; of Parquet and Arrow files with the types that these have. Errors: those of `records`."""
    from dsv.records.tables import holds_tables, table_of, tables_in

    name, reading = obtained.found.name, obtained.manifest.declared
    chosen = {each: choose(each.path, reading) for each in obtained.files}
    with_records = [each for each, found in chosen.items() if found is not None]
    if with_records and all(holds_tables(chosen[each]) for each in with_records):
        return tables_in([(each.path, each.source) for each in with_records], name=name, bad=bad, columns=columns)
    return table_of(records(obtained, bad=bad), name=name, columns=columns)


def _is_opaque(obtained: Obtained) -> bool:
    return obtained.manifest.data.format == OPAQUE


def _records(obtained: Obtained, *, bad: BadRecords) -> Iterator[Any]:
    for each in obtained.files:
        yield from records_in(each.source, path=each.path, reading=obtained.manifest.declared, bad=bad)


def _files(obtained: Obtained) -> Iterator[dict[str, Any]]:
    """A record for each file, which tells where it lies under its own name."""
    view = view_of(obtained)
    is_directory = obtained.manifest.digests.dvc.endswith(".dir")
    for each in obtained.files:
        path = os.path.join(view.path, *each.path.split("/")) if is_directory else view.path
        yield {"file": each.path, "path": path, "bytes": each.size, "sha256": each.sha256}
    view.hold.release()
