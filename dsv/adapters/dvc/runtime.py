"""DVC itself, loaded only when its own code has to answer: silent, with its errors as ours."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dsv.adapters.dvc.disk import disk_error
from dsv.errors import DsvError, DvcError

if TYPE_CHECKING:
    from collections.abc import Iterator

# What the contract tests ran on. Outside of it DVC writes its cache itself, which is slower.
_TESTED = {"dvc": (3, 67), "dvc-data": (3, 18)}


def writes_like_the_tested_dvc() -> bool:
    """Whether the installed DVC is one whose files are known to the byte."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return all(
            tuple(int(part) for part in version(package).split(".")[:2]) == tested
            for package, tested in _TESTED.items()
        )
    except (PackageNotFoundError, ValueError):
        return False


def installed_version() -> str | None:
    """The version of the installed DVC; None where there is none."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("dvc")
    except PackageNotFoundError:
        return None


def load() -> None:
    """DVC imported, its loggers silent and the standard streams untouched.

    DVC's import sends its messages to standard output, where `--json` promises one document, and
    colorama wraps the streams. A process that had loaded DVC before keeps its own settings.
    """
    if "dvc" in sys.modules:
        return
    import logging

    import dvc  # noqa: F401  # loading it is the purpose

    for name in ("dvc", "dvc_data", "dvc_objects"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    from importlib import import_module

    import_module("colorama").deinit()  # which DVC uses and which has no types


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Whatever DVC or a library below it raises, as DvcError or DiskError."""
    try:
        yield
    except DsvError:
        raise
    except OSError as error:
        raise disk_error(error, doing=doing) from error
    except Exception as error:  # DVC lets errors of many libraries through
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DvcError(f"{doing}: {reason}", hint="run dvc status -v to see what DVC says itself") from error
