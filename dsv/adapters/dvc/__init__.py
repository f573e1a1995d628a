"""DVC behind one door: its files written and read in its own bytes, itself loaded only where it must be."""

from __future__ import annotations

from dsv.adapters.dvc.artifacts import (
    Artifact,
    artifact_names,
    artifacts_in_order,
    artifacts_renamed,
    artifacts_with,
    artifacts_without,
)
from dsv.adapters.dvc.borrowed_remotes import BorrowedRemotes, borrowed_remotes, lend_remotes
from dsv.adapters.dvc.cache import Cache, find_cache
from dsv.adapters.dvc.configuration import (
    Configuration,
    ExposedSetting,
    RemoteEntry,
    configuration,
    exposed_settings,
    verified_remote,
)
from dsv.adapters.dvc.directory import (
    DirectoryObject,
    Entry,
    directory_object,
    parse_directory_object,
    read_directory_object,
)
from dsv.adapters.dvc.files import FileState, Progress
from dsv.adapters.dvc.gitignore import (
    gitignore_entry,
    gitignore_in_order,
    gitignore_lacks,
    gitignore_with,
    gitignore_without,
    gitignored_names,
)
from dsv.adapters.dvc.lock import Writer, damaged_lock, writer_of
from dsv.adapters.dvc.locking import at_rest
from dsv.adapters.dvc.named import is_published_elsewhere, members, oids_in, refuse_cut_short
from dsv.adapters.dvc.objects import COARSEST_CLOCK_NS, Stored, staging, store
from dsv.adapters.dvc.pointer import (
    Origin,
    Pointer,
    is_conflicted,
    parse_pointer,
    pointed_to,
    refuse_import,
    render_pointer,
    updated_pointer,
)
from dsv.adapters.dvc.project import dvcignored, initialise
from dsv.adapters.dvc.remote import Arrival, Damaged, Remote, Sent, remote
from dsv.adapters.dvc.remote_settings import (
    CONFIG,
    LOCAL_CONFIG,
    NewRemote,
    RemoteSettings,
    config_with_remote,
    remotes_in_order,
    remotes_of,
)
from dsv.adapters.dvc.replacing import GoodBytes, replace_objects
from dsv.adapters.dvc.runtime import installed_version, writes_like_the_tested_dvc
from dsv.adapters.dvc.sharing import share
from dsv.adapters.dvc.stages import LOCK_NAME, StageOutput, has_stages, lock_with_stage, locked, stage_outputs
from dsv.adapters.dvc.staging import Staging, stale_staging
from dsv.adapters.dvc.stored import DirectoryStore, ObjectStore, StoredObject, TrashedObject
from dsv.adapters.dvc.through_dvc import remember
from dsv.adapters.dvc.worktree import Ready, materialise, require_objects, stale_placing

__all__ = [
    "COARSEST_CLOCK_NS",
    "CONFIG",
    "LOCAL_CONFIG",
    "LOCK_NAME",
    "Arrival",
    "Artifact",
    "BorrowedRemotes",
    "Cache",
    "Configuration",
    "Damaged",
    "DirectoryObject",
    "DirectoryStore",
    "Entry",
    "ExposedSetting",
    "FileState",
    "GoodBytes",
    "NewRemote",
    "ObjectStore",
    "Origin",
    "Pointer",
    "Progress",
    "Ready",
    "Remote",
    "RemoteEntry",
    "RemoteSettings",
    "Sent",
    "StageOutput",
    "Staging",
    "Stored",
    "StoredObject",
    "TrashedObject",
    "Writer",
    "artifact_names",
    "artifacts_in_order",
    "artifacts_renamed",
    "artifacts_with",
    "artifacts_without",
    "at_rest",
    "borrowed_remotes",
    "config_with_remote",
    "configuration",
    "damaged_lock",
    "directory_object",
    "dvcignored",
    "exposed_settings",
    "find_cache",
    "gitignore_entry",
    "gitignore_in_order",
    "gitignore_lacks",
    "gitignore_with",
    "gitignore_without",
    "gitignored_names",
    "has_stages",
    "initialise",
    "installed_version",
    "is_conflicted",
    "is_published_elsewhere",
    "lend_remotes",
    "lock_with_stage",
    "locked",
    "materialise",
    "members",
    "oids_in",
    "parse_directory_object",
    "parse_pointer",
    "pointed_to",
    "read_directory_object",
    "refuse_cut_short",
    "refuse_import",
    "remember",
    "remote",
    "remotes_in_order",
    "remotes_of",
    "render_pointer",
    "replace_objects",
    "require_objects",
    "share",
    "stage_outputs",
    "staging",
    "stale_placing",
    "stale_staging",
    "store",
    "updated_pointer",
    "verified_remote",
    "writer_of",
    "writes_like_the_tested_dvc",
]
