"""Where dsv keeps, for one person, what belongs to no repository of theirs: all of it can be had again."""

from __future__ import annotations

import os


def user_cache() -> str:
    """The directory: DSV_CACHE, else `dsv` in XDG_CACHE_HOME or in what the system has for caches."""
    if own := os.environ.get("DSV_CACHE"):
        return os.path.abspath(os.path.expanduser(own))
    if shared := os.environ.get("XDG_CACHE_HOME"):
        return os.path.join(os.path.abspath(shared), "dsv")
    import platformdirs  # what DVC asks for such directories

    return platformdirs.user_cache_dir("dsv", appauthor=False)
