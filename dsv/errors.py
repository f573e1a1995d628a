"""Everything that can go wrong, as one tree: a class is a kind, and carries its exit code and a hint.

The codes and kinds are those of the command line's contract (docs/cli.md). An error is raised where
the name of the thing is known, with a message that is one line and a hint that says what to do next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar


class DsvError(Exception):
    """Something that nobody foresaw; the root of all errors.

    `code` is the exit code, `kind` the word that scripts match on.
    `places` are where it is wrong, a line each for people; the message is the headline with all of them, but for those
    that begin with a blank, which only say more of the one above.
    """

    code: ClassVar[int] = 70
    kind: ClassVar[str] = "bug"

    def __init__(
        self, headline: str, *, hint: str = "", details: dict[str, Any] | None = None, places: Sequence[str] = ()
    ) -> None:
        said = "; ".join(place for place in places if not place.startswith(" "))
        self.message = f"{headline}: {said}" if said else headline
        super().__init__(self.message)
        self.headline = headline
        self.places = tuple(places)
        self.hint = hint
        self.details = details or {}

    def document(self) -> dict[str, Any]:
        """The error as the JSON document that `--json` prints."""
        body = {"code": self.code, "kind": self.kind, "message": self.message}
        return {"error": {**body, "hint": self.hint, "details": self.details}}


class GateError(DsvError):
    """A check or a gate said no."""

    code, kind = 1, "gate"


class UsageError(DsvError):
    """The words of the command are wrong, or a selector is malformed."""

    code, kind = 2, "usage"


class NotFoundError(DsvError):
    """Something that was named does not exist."""

    code = 10


class NoRepositoryError(NotFoundError):
    """There is no dsv repository here."""

    kind = "no_repository"


class NoDatasetError(NotFoundError):
    """No dataset has this name."""

    kind = "no_dataset"


class NoVersionError(NotFoundError):
    """The dataset has no such version."""

    kind = "no_version"


class NoRecordError(NotFoundError):
    """No version holds such a record."""

    kind = "no_record"


class NoPathError(NotFoundError):
    """The path does not exist."""

    kind = "no_path"


class NoRemoteError(NotFoundError):
    """The remote does not exist."""

    kind = "no_remote"


class StateError(DsvError):
    """The state of the repository does not allow it."""

    code = 20


class NothingChangedError(StateError):
    """The data is what the base version holds: there is nothing to release."""

    kind = "nothing_changed"


class ExistsError(StateError):
    """It exists already."""

    kind = "exists"


class LevelTooLowError(StateError):
    """The change asks for a higher level than was given."""

    kind = "level_too_low"


class LockedError(StateError):
    """Another dsv is at work here."""

    kind = "locked"


class InProgressError(StateError):
    """git, or an operation of dsv, is in the middle of something."""

    kind = "in_progress"


class IncompleteError(StateError):
    """The clone does not have all that would have to be looked at."""

    kind = "incomplete"


class PublishedError(StateError):
    """It is on a remote already."""

    kind = "published"


class TrackedError(StateError):
    """git or DVC tracks the path already."""

    kind = "tracked"


class OverlapError(StateError):
    """Another dataset lies there."""

    kind = "overlap"


class ConflictError(StateError):
    """Changes that are not ours stand in the way."""

    kind = "conflict"


class BadDataError(DsvError):
    """Data, or a text, that cannot be taken."""

    code = 30


class BadNameError(BadDataError):
    """Not a name for a dataset, a split or a stage."""

    kind = "name"


class BadVersionError(BadDataError):
    """Not a version that dsv takes."""

    kind = "version"


class BadManifestError(BadDataError):
    """A file of dsv's own does not read as it must."""

    kind = "manifest"


class BadRecordError(BadDataError):
    """Records that do not parse."""

    kind = "record"


class BadKeyError(BadDataError):
    """Records without the declared key, or sharing one."""

    kind = "key"


class UnreadableError(BadDataError):
    """A file that its reader cannot read at all."""

    kind = "unreadable"


class UnsupportedFileError(BadDataError):
    """A file or path that cannot be versioned."""

    kind = "unsupported_file"


class OutsideError(BadDataError):
    """A path that leads out of the repository."""

    kind = "outside"


class IntegrityError(DsvError):
    """Bytes are not what a manifest says."""

    code = 40


class MismatchError(IntegrityError):
    """Bytes differ from their digest."""

    kind = "mismatch"


class MissingDataError(IntegrityError):
    """Bytes are missing where they are needed."""

    kind = "missing_data"


class ExternalError(DsvError):
    """Something outside dsv failed."""

    code = 50


class GitError(ExternalError):
    """git failed, or lacks an identity."""

    kind = "git"


class DvcError(ExternalError):
    """DVC failed."""

    kind = "dvc"


class RemoteError(ExternalError):
    """The remote storage failed."""

    kind = "remote"


class CredentialsError(ExternalError):
    """The remote refuses who we are."""

    kind = "credentials"


class DiskError(ExternalError):
    """A local read or write failed."""

    kind = "disk"


class NetworkError(ExternalError):
    """The network failed."""

    kind = "network"


class DeadlineError(ExternalError):
    """It took too long."""

    kind = "timeout"


class UnsupportedError(ExternalError):
    """A program or repository of a kind or version that dsv does not work with."""

    kind = "unsupported"


class InterruptedByUserError(DsvError):
    """Stopped from the keyboard."""

    code, kind = 130, "interrupted"
