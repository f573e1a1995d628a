"""git: discovery, bulk reads, and one commit with its tag as one transaction.

Reading goes through git's batch plumbing, a process for any number of objects; GitPython would take
minutes for ten thousand tags. Revisions are resolved once and only full object ids travel further.
What only a change or a remote needs is in modules of their own, so that whoever only reads loads none of it.
"""

from dsv.adapters.git.history import HistoryEntry
from dsv.adapters.git.repository import Entry, Git, Identity, Tag

__all__ = ["Entry", "Git", "HistoryEntry", "Identity", "Tag"]
