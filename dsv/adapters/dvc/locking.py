"""DVC's own lock, held while nobody may put something into its cache."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from dsv.adapters.dvc.opening import opened
from dsv.errors import LockedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@contextmanager
def at_rest(roots: Iterable[str]) -> Iterator[None]:
    """No command of DVC runs at these roots; LockedError where one does for longer than DVC itself would wait."""
    with ExitStack() as stack:
        for root in roots:
            repo = stack.enter_context(opened(root))
            from dvc.lock import LockError

            try:
                stack.enter_context(repo.lock)
            except LockError:
                raise LockedError(f"DVC is at work in {root}", hint="run this again when it has finished") from None
        yield
