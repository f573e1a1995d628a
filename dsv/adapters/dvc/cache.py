"""Where DVC keeps the bytes: the cache directory and the objects in it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dsv.adapters.dvc.disk import disk_error
from dsv.adapters.dvc.opening import opened
from dsv.errors import NoRepositoryError

if TYPE_CHECKING:
    from collections.abc import Iterable

_OBJECTS = os.path.join("files", "md5")
_PREFIX_LENGTH = 2
# The settings that move the cache or change its modes, as a line of any section: a line too many
# means asking DVC, which is slower and never wrong.
_MOVES_THE_CACHE = re.compile(r"""\s*["']?(dir|local|shared)["']?\s*=""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cache:
    """The cache of the DVC repository at `root`: an object's path is `<objects>/ab/cdef...`."""

    root: str
    objects: str
    directory_mode: int | None = None  # None: what the umask leaves

    def path_of(self, oid: str) -> str:
        """The path of the object; a directory's oid ends in `.dir`."""
        return f"{self.objects}/{oid[:2]}/{oid[2:]}"

    def of_dvc_2(self) -> Cache:
        """The same cache for objects that DVC 2 put there, by another digest of the same name."""
        return replace(self, objects=self.directory)

    @property
    def directory(self) -> str:
        """What `dvc cache dir` prints."""
        return self.objects[: -len(_OBJECTS) - 1]

    def held(self) -> set[str]:
        """The oid of every object here; of one that came in parts or is damaged nothing is said."""
        found: set[str] = set()
        for prefix in _names(self.objects):
            if len(prefix) == _PREFIX_LENGTH:
                found.update(prefix + name for name in _names(f"{self.objects}/{prefix}"))
        return found

    def missing(self, oids: Iterable[str]) -> list[str]:
        """The oids that have no object here, each once, in the order given."""
        return [oid for oid in dict.fromkeys(oids) if not os.path.isfile(self.path_of(oid))]


def _names(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise disk_error(error, doing=f"reading {directory}") from error


def find_cache(root: str) -> Cache:
    """The cache that DVC uses at the root, also without loading DVC where no setting moves it.

    A linked git worktree without a cache setting of its own uses the main worktree's cache: DVC
    would take an empty one there, and find nothing.
    """
    root = os.path.abspath(root)
    if not os.path.isdir(os.path.join(root, ".dvc")):
        raise NoRepositoryError(f"no DVC repository at {root}", hint="run dsv init")
    if _settings_may_move_the_cache(root):
        return _ask_dvc(root)
    main = _main_worktree(root)
    if main is not None:
        there = find_cache(main)
        return Cache(root, there.objects, there.directory_mode)
    return Cache(root, os.path.join(root, ".dvc", "cache", _OBJECTS))


def _settings_may_move_the_cache(root: str) -> bool:
    return any(_may_move_the_cache(file) for file in config_files(root))


def config_files(root: str) -> list[str]:
    """The files that DVC takes settings from at the root, whether they are there or not; later ones count more."""
    import platformdirs  # what DVC asks for these directories

    system = os.environ.get("DVC_SYSTEM_CONFIG_DIR") or platformdirs.site_config_dir("dvc", "iterative")
    user = os.environ.get("DVC_GLOBAL_CONFIG_DIR") or platformdirs.user_config_dir("dvc", "iterative")
    return [
        os.path.join(system, "config"),
        os.path.join(user, "config"),
        os.path.join(root, ".dvc", "config"),
        os.path.join(root, ".dvc", "config.local"),
    ]


def _may_move_the_cache(file: str) -> bool:
    try:
        with open(file, "rb") as stream:
            data = stream.read()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise disk_error(error, doing=f"reading {file}") from error
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return "\0" in text or any(_MOVES_THE_CACHE.match(line) for line in text.splitlines())


def _ask_dvc(root: str) -> Cache:
    with opened(root) as repo:
        store = repo.cache.local
        shared = repo.config["cache"].get("shared")
        own = os.path.join(root, ".dvc", "cache", _OBJECTS)
        objects = str(store.path)
        mode = store._dir_mode if shared else None  # noqa: SLF001  # DVC names it nowhere else
    main = _main_worktree(root)
    if main is not None and objects == own:
        there = find_cache(main)
        return Cache(root, there.objects, mode if mode is not None else there.directory_mode)
    return Cache(root, objects, mode)


def _main_worktree(root: str) -> str | None:
    """The same directory in the main worktree, where the root lies in a linked one."""
    top = root
    while not os.path.lexists(os.path.join(top, ".git")):
        parent = os.path.dirname(top)
        if parent == top:
            return None
        top = parent
    link = os.path.join(top, ".git")
    if os.path.isdir(link):
        return None
    try:
        with open(link, encoding="utf-8", errors="surrogateescape") as stream:
            named = stream.read().removeprefix("gitdir:").strip()
        private = os.path.join(top, named)
        # Only a linked worktree has this file; a submodule, for one, has not.
        with open(os.path.join(private, "commondir"), encoding="utf-8", errors="surrogateescape") as stream:
            common = os.path.normpath(os.path.join(private, stream.read().strip()))
    except OSError:
        return None
    if os.path.basename(common) != ".git":
        return None
    main = os.path.normpath(os.path.join(os.path.dirname(common), os.path.relpath(root, top)))
    return main if os.path.isdir(os.path.join(main, ".dvc")) else None
