"""The generated part of docs/checks.md, made from the checks themselves: run it after changing one.

python docs/generate_checks.py
"""  # noqa: INP001 - a script beside the page it makes

from __future__ import annotations

import re
from pathlib import Path

from dsv.checks.catalogue import AREAS
from dsv.model.finding import Check

PAGE = Path(__file__).parent / "checks.md"

_START, _END = "<!-- checks -->\n", "<!-- end of checks -->\n"


def checks_reference(page: str) -> str:
    """The page with its list of checks made anew."""
    before, rest = page.split(_START)
    return before + _START + checks() + _END + rest.split(_END)[1]


def checks() -> str:
    """A section for each area, in it a part for each check."""
    return "\n".join(f"## {area.title}\n\n" + "\n".join(map(_part, area.checks)) for area in AREAS)


def _part(check: Check) -> str:
    return f"""\
### <a id="{check.number.lower()}"></a>{check.number} {check.name}

{check.holds} {check.why}

- **Fails, for example:** {check.failing} It says *{_shown(check.says)}*.
- **Mending:** {_shown(check.mending)}.
"""


def _shown(template: str) -> str:
    """The words, in which names of what is put in stand as people mark them."""
    return re.sub(r"\{(\w+)\}", lambda match: match[1].upper(), template).replace("<", "&lt;").replace("*", "\\*")


def main() -> None:
    """Write the page."""
    PAGE.write_text(checks_reference(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
