"""git: discovery, bulk reads, and one commit with its tag as one transaction.

Reading goes through git's batch plumbing, a process for any number of objects; GitPython would take
minutes for ten thousand tags. Revisions are resolved once and only full object ids travel further.
"""

from dsv.adapters.git.creation import create
from dsv.adapters.git.half_patched import HalfPatched, half_patched
from dsv.adapters.git.past import Author, PastCommit, past_of
from dsv.adapters.git.remote import GitRemote
from dsv.adapters.git.repository import Entry, Git, HistoryEntry, Identity, Tag
from dsv.adapters.git.transaction import Commit, Patch, SharedEdit, Staged, edited

__all__ = [
    "Author",
    "Commit",
    "Entry",
    "Git",
    "GitRemote",
    "HalfPatched",
    "HistoryEntry",
    "Identity",
    "PastCommit",
    "Patch",
    "SharedEdit",
    "Staged",
    "Tag",
    "create",
    "edited",
    "half_patched",
    "past_of",
]
