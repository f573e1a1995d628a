"""Licences: how people write them, and how other formats want them named."""

from __future__ import annotations

import re

_SPDX = (
    "0BSD",
    "AFL-3.0",
    "AGPL-3.0-only",
    "AGPL-3.0-or-later",
    "Apache-2.0",
    "Artistic-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "C-UDA-1.0",
    "CC-BY-2.0",
    "CC-BY-2.5",
    "CC-BY-3.0",
    "CC-BY-4.0",
    "CC-BY-NC-2.0",
    "CC-BY-NC-3.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-ND-3.0",
    "CC-BY-NC-ND-4.0",
    "CC-BY-NC-SA-2.0",
    "CC-BY-NC-SA-3.0",
    "CC-BY-NC-SA-4.0",
    "CC-BY-ND-4.0",
    "CC-BY-SA-3.0",
    "CC-BY-SA-4.0",
    "CC0-1.0",
    "CDLA-Permissive-1.0",
    "CDLA-Permissive-2.0",
    "CDLA-Sharing-1.0",
    "EPL-1.0",
    "EPL-2.0",
    "EUPL-1.1",
    "EUPL-1.2",
    "GFDL-1.3-or-later",
    "GPL-2.0-only",
    "GPL-3.0-only",
    "GPL-3.0-or-later",
    "ISC",
    "LGPL-2.1-only",
    "LGPL-3.0-only",
    "MIT",
    "MPL-2.0",
    "MS-PL",
    "NCSA",
    "O-UDA-1.0",
    "ODC-By-1.0",
    "ODbL-1.0",
    "OFL-1.1",
    "OSL-3.0",
    "PDDL-1.0",
    "PostgreSQL",
    "Unlicense",
    "Zlib",
)
_BY_NAME = {each.lower(): each for each in _SPDX}
_OTHER_NAMES = {
    "agpl-3.0": "AGPL-3.0-only",
    "gpl-2.0": "GPL-2.0-only",
    "gpl-3.0": "GPL-3.0-only",
    "lgpl-2.1": "LGPL-2.1-only",
    "lgpl-3.0": "LGPL-3.0-only",
    "odc-by": "ODC-By-1.0",
    "odbl": "ODbL-1.0",
    "pddl": "PDDL-1.0",
    "cc0": "CC0-1.0",
}
_OF_HUGGING_FACE = {
    **{spdx: other for other, spdx in _OTHER_NAMES.items() if other != "cc0"},
    "AGPL-3.0-or-later": "agpl-3.0",
    "GPL-3.0-or-later": "gpl-3.0",
    "GFDL-1.3-or-later": "gfdl",
}
_PAGE = "https://spdx.org/licenses/"


def spdx_name(text: str) -> str:
    """The SPDX identifier that the text is, in SPDX's own spelling, also at the end of an address; "" for any other."""
    word = text.strip().removeprefix(_PAGE).removesuffix(".html").lower()
    return _BY_NAME.get(_OTHER_NAMES.get(word, word).lower(), "")


def license_url(text: str) -> str:
    """A page of the licence: SPDX's for one that it knows, the text itself where it is an address; else ""."""
    if name := spdx_name(text):
        return f"{_PAGE}{name}"
    return text.strip() if is_url(text) else ""


def hugging_face_license(text: str) -> dict[str, str]:
    """What the front matter of a Hugging Face card says of the licence; nothing where none is stated."""
    if not text:
        return {}
    if name := spdx_name(text):
        return {"license": _OF_HUGGING_FACE.get(name, name.lower())}
    if is_url(text):
        return {"license": "other", "license_name": "other", "license_link": text.strip()}
    return {"license": "other", "license_name": re.sub(r"[^a-z0-9.]+", "-", text.lower()).strip("-") or "other"}


def is_url(text: str) -> bool:
    """Whether the text is an address in the web."""
    return re.fullmatch(r"https?://\S+", text.strip()) is not None
