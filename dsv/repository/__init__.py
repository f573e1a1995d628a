"""A user's repository: paths, wiring, what is known, and the one way to change it."""

from dsv.repository.access import exclusively, find_broken_repository, find_repository, open_repository
from dsv.repository.repository import Repository

__all__ = ["Repository", "exclusively", "find_broken_repository", "find_repository", "open_repository"]
