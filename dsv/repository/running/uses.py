"""Versions as runs and stamps name them: with all that is needed to find them, and hold them against, years later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from dsv.errors import UsageError
from dsv.model.documents import checked
from dsv.model.portion import ALL_FILES, Portion
from dsv.model.reference import Exact, GitRevision, Ref, Work
from dsv.model.run import Use, UsedVersion
from dsv.repository.consuming.pinned import pinned_version
from dsv.repository.elsewhere.added import own_address
from dsv.repository.obtaining.finding import find_version
from dsv.repository.obtaining.origin import Origin, origin_of

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest
    from dsv.repository.consuming.consumer import Consumer
    from dsv.repository.obtaining.finding import FoundVersion
    from dsv.repository.repository import Repository


def named_uses(
    references: Sequence[Ref], *, repository: Callable[[], Repository], consumer: Consumer | None = None
) -> list[Use]:
    """The released versions that references name: what the project has locked, else what the repository has.

    The repository is opened where it is needed. Errors: UsageError for the work tree, NoDatasetError, NoVersionError;
    those of `pinned_version`.
    """
    there: Origin | None = None
    uses = []
    for each in references:
        if isinstance(each.selector, Work | GitRevision):
            raise UsageError(
                f"{each} is no released version, so nobody could find it again",
                hint=f"dsv bump {each.dataset} releases the data as it is",
            )
        locked = pinned_version(consumer, each) if consumer is not None else None
        if locked is not None:
            pin, found = locked
            use = use_of_found(found, asked=pin.reference, portion=pin.portion, commit=pin.commit, tag=pin.tag)
        else:
            there = there or origin_of(repository())
            found = find_version(there, each)
            use = use_of_found(found, asked=each, portion=ALL_FILES)
        if found.warning:
            found.origin.home.tell(found.warning)
        uses.append(use)
    return uses


def use_of_found(
    found: FoundVersion, *, asked: Ref, portion: Portion, commit: str | None = None, tag: str | None = None
) -> Use:
    """A version that was found by a reference, or a portion of it; `commit` and `tag` are what is known of it else."""
    visited = found.origin.visited
    here = found.repository if visited is None else None
    if here is not None:
        address, root, prefix = own_address(here) or here.git.root, here.layout.root, here.layout.prefix
    else:
        address, root, prefix = found.origin.address, None, visited.added.root if visited is not None else ""
    return used(
        found.manifest,
        commit=found.commit or commit,
        tag=found.known.tag or tag,
        address=address,
        root=root,
        prefix=prefix,
        asked="" if isinstance(asked.selector, Exact) else str(asked.selector),
        portion=portion,
    )


def used(
    manifest: Manifest,
    *,
    commit: str | None,
    tag: str | None,
    address: str,
    root: str | None = None,
    prefix: str = "",
    asked: str = "",
    portion: Portion = ALL_FILES,
) -> Use:
    """The version of a manifest as one that was handed out, or a portion of it.

    `asked` is the selector by which it was found, where that was not its number; `address` and `commit` are where it
    can be found again, below the DVC root `prefix`; `root` is that one's directory where it is a clone on this machine.
    """
    digests = manifest.digests
    name = f"{manifest.dataset}@{manifest.version}"
    with checked(name):
        version = UsedVersion.model_validate(
            {
                "name": manifest.dataset,
                "version": manifest.version,
                "repository": address or None,
                "root": prefix or None,
                "range": asked or None,
                "commit": commit,
                "tag": tag,
                "digests": {"tree": digests.tree, "records": digests.records, "dvc": digests.dvc},
                "manifest": manifest.checksum,
                "splits": tuple(portion.splits),
                "files": tuple(portion.globs),
            }
        )
    return Use(version, root)
