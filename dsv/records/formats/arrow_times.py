"""Dates, times and durations as text: one spelling for each, of any range, exact to the nanosecond.

Timestamps, dates and times are those of RFC 3339; years before 0000 and after 9999 have a sign (ISO 8601). Seconds have
as many decimals as they need and no zeros at the end, so that the unit in which a file counts does not matter.
"""

from __future__ import annotations

from functools import lru_cache

NANOSECONDS = 1_000_000_000
_DAY = 86_400
_DAYS_BEFORE_1970 = 719_468  # from 0000-03-01, where this calendar begins its 400 years
_DAYS_IN_400_YEARS = 146_097
_LAST_FOUR_DIGIT_YEAR = 9999


def timestamp_text(nanoseconds: int, *, zone: str) -> str:
    """A moment given from 1970-01-01T00:00:00: `2026-01-31T07:30:00.5`, followed by the zone."""
    days, rest = divmod(nanoseconds, _DAY * NANOSECONDS)
    return f"{date_text(days)}T{time_text(rest)}{zone}"


@lru_cache(maxsize=4096)
def date_text(days: int) -> str:
    """A day given from 1970-01-01, in the proleptic Gregorian calendar: `2026-01-31`."""
    # Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days: years that begin in March
    era, day_of_era = divmod(days + _DAYS_BEFORE_1970, _DAYS_IN_400_YEARS)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_from_march + 2) // 5 + 1
    month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9  # noqa: PLR2004 - March to December
    year = year_of_era + era * 400 + (month <= 2)  # noqa: PLR2004 - January and February
    sign = "-" if year < 0 else "+" if year > _LAST_FOUR_DIGIT_YEAR else ""
    return f"{sign}{abs(year):04}-{month:02}-{day:02}"


def time_text(nanoseconds: int) -> str:
    """A time of day given from midnight: `07:30:00`, `23:59:59.999`."""
    seconds, rest = divmod(nanoseconds, NANOSECONDS)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{_decimals(rest)}"


def duration_text(nanoseconds: int) -> str:
    """A span of time in seconds, as ISO 8601 writes it: `PT90.5S`, `-PT1S`."""
    seconds, rest = divmod(abs(nanoseconds), NANOSECONDS)
    return f"{'-' if nanoseconds < 0 else ''}PT{seconds}{_decimals(rest)}S"


def interval_text(months: int, days: int, nanoseconds: int) -> str:
    """A calendar interval with its three parts, each with its own sign: `P1M-2DT0.5S`."""
    seconds, rest = divmod(abs(nanoseconds), NANOSECONDS)
    return f"P{months}M{days}DT{'-' if nanoseconds < 0 else ''}{seconds}{_decimals(rest)}S"


def _decimals(nanoseconds: int) -> str:
    return f".{nanoseconds:09}".rstrip("0") if nanoseconds else ""
