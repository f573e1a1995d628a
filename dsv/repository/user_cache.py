"""Where dsv keeps, for one person, what belongs to no repository of theirs: all of it can be had again."""

from __future__ import annotations

import os
from contextlib import suppress

from dsv.errors import DiskError

_FOR_ONE_PERSON = 0o700


def user_cache() -> str:
    """The directory: DSV_CACHE, else `dsv` in XDG_CACHE_HOME or in what the system has for caches."""
    if own := os.environ.get("DSV_CACHE"):
        return os.path.abspath(os.path.expanduser(own))
    if shared := os.environ.get("XDG_CACHE_HOME"):
        return os.path.join(os.path.abspath(shared), "dsv")
    import platformdirs  # what DVC asks for such directories

    return platformdirs.user_cache_dir("dsv", appauthor=False)


def make_user_cache() -> str:
    """The directory, which is there now; one that was not is for this person alone, as the data in it may be.

    DiskError where it cannot be made.
    """
    directory = user_cache()
    try:
        if not os.path.isdir(directory):
            os.makedirs(os.path.dirname(directory), exist_ok=True)
            with suppress(FileExistsError):  # another process makes it too
                os.mkdir(directory, _FOR_ONE_PERSON)
    except OSError as error:
        raise DiskError(
            f"the cache {directory} cannot be made: {error.strerror}", hint="DSV_CACHE names another directory for it"
        ) from error
    return directory
