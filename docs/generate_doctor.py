"""The generated part of docs/doctor.md, made from the checks themselves: run it after changing one.

python docs/generate_doctor.py
"""  # noqa: INP001 - a script beside the page it makes

from __future__ import annotations

import re
from pathlib import Path

from dsv.repository.health import AREAS, Check, Mending

PAGE = Path(__file__).parent / "doctor.md"

_START, _END = "<!-- checks -->\n", "<!-- end of checks -->\n"


def doctor_reference(page: str) -> str:
    """The page with its list of checks made anew."""
    before, rest = page.split(_START)
    return before + _START + checks() + _END + rest.split(_END)[1]


def checks() -> str:
    """A table for each area, a row for each check."""
    return "\n".join(
        f"### {area.title}\n\n| check | it says, and why it matters | what mends it |\n|---|---|---|\n"
        + "".join(map(_row, sorted(area.checks, key=lambda check: check.number)))
        for area in AREAS
    )


def _row(check: Check) -> str:
    mended = "**`--fix`** " if check.mending is Mending.FIX else ""
    cells = (
        f'<a id="{check.number.lower()}"></a>{check.number} {check.name} ({check.level.value})',
        f"*{_shown(check.message)}*. {check.why}" if check.message != "{problem}" else check.why,
        f"{mended}{_shown(check.remedy)}" if check.remedy != "{remedy}" else f"{mended}The finding says it.",
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _shown(template: str) -> str:
    """The words, in which names of what is put in stand as people mark them."""
    return re.sub(r"\{(\w+)\}", lambda match: match[1].upper(), template).replace("<", "&lt;").replace("*", "\\*")


def main() -> None:
    """Write the page."""
    PAGE.write_text(doctor_reference(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
