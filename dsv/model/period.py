"""A span of time as people type it: days, or seconds, in UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone

from dsv.errors import UsageError
from dsv.model.problems import shown

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FIRST, _LAST = "T00:00:00Z", "T23:59:59Z"
_FORM = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class Period:
    """From the first to the last second, both in it, as manifests have times (`2026-11-22T07:30:00Z`); None is open."""

    since: str | None = None
    until: str | None = None

    def holds(self, moment: str) -> bool:
        """Whether the time, in the same form, is in it."""
        return (self.since or "") <= moment and (self.until is None or moment <= self.until)


ALWAYS = Period()


def parse_period(since: str, until: str) -> Period:
    """What `--since` and `--until` span, each a day or a time, or nothing; UsageError where no time is in it."""
    period = Period(
        _moment(since, option="--since", rest=_FIRST) if since else None,
        _moment(until, option="--until", rest=_LAST) if until else None,
    )
    if period.since and period.until and period.since > period.until:
        raise UsageError(f"--since {since} is after --until {until}", hint="nothing lies between them; swap them")
    return period


def parse_at(text: str) -> str:
    """The last second that `--at` looks back to: that of a day, or the time itself."""
    return _moment(text, option="--at", rest=_LAST)


def _moment(text: str, *, option: str, rest: str) -> str:
    moment = f"{text}{rest}" if _DAY.fullmatch(text) else text
    try:
        # written anew: what Python reads may be spelled in other ways
        if datetime.strptime(moment, _FORM).replace(tzinfo=timezone.utc).strftime(_FORM).rjust(20, "0") == moment:
            return moment
    except ValueError:
        pass
    raise UsageError(
        f"{option} {shown(text)} is no day", hint=f"for instance {option} 2026-01-31, or 2026-01-31T12:00:00Z; in UTC"
    )
