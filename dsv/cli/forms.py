"""In which form a result is written: `--as`, of which `--json` is one."""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

from dsv.cli.session import current
from dsv.errors import UsageError
from dsv.model.problems import shown

JSON = "json"

Form = TypeVar("Form", bound=Enum)


def chosen_form(forms: type[Form], word: str) -> Form:
    """The form asked for, without one the first; UsageError for none that there is, and for two.

    The session prints JSON where that is the form.
    """
    session, usual = current(), next(iter(forms))
    try:
        form = forms(word) if word else forms(JSON) if session.json else usual
    except ValueError:
        names = ", ".join(each.value for each in forms)
        raise UsageError(f"--as takes {names}, not {shown(word)}", hint=f"leave it out for {usual.value}") from None
    if session.json and form.value != JSON:
        raise UsageError(f"--json and --as {form.value} are two forms", hint="leave one of them out")
    session.json = form.value == JSON
    return form
