"""The time that is written into files."""

from __future__ import annotations

import os
import time
from datetime import datetime, timezone

from dsv.errors import UsageError

TIME_FORM = "%Y-%m-%dT%H:%M:%SZ"


def now() -> str:
    """The time, UTC; SOURCE_DATE_EPOCH names another, so that what is written can be reproduced."""
    return written(seconds_now())


def seconds_now() -> int:
    """The same in seconds since 1970."""
    given = os.environ.get("SOURCE_DATE_EPOCH") or str(int(time.time()))
    try:
        written(int(given))
        return int(given)
    except (ValueError, OverflowError, OSError):
        raise UsageError(f"SOURCE_DATE_EPOCH={given[:40]!a} is no time in seconds", hint="unset it") from None


def written(seconds: int) -> str:
    """The time, in seconds since 1970, as files have it."""
    return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime(TIME_FORM)
