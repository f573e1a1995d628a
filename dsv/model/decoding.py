"""The bytes of a file as text that a YAML parser and a person see alike."""

from __future__ import annotations

import re
from typing import NoReturn

from dsv.model.problems import Problem, refuse

MAXIMUM_BYTES = 16 * 1024 * 1024

# NEL, LS and PS are line breaks to YAML 1.1 and letters to YAML 1.2: only an escape says which is meant
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_CONFLICT = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: |$)", re.MULTILINE)
_LINE_BREAK = re.compile(r"\r\n|\r|\n")


def decoded(data: bytes, *, file: str) -> str:
    """The text, without a byte order mark; BadManifestError for what is no UTF-8, too large, empty or in conflict."""

    def stop(line: int, column: int, message: str) -> NoReturn:
        refuse([Problem(line, column, "", message, file)])

    if len(data) > MAXIMUM_BYTES:
        stop(1, 1, f"has {len(data):,} bytes; at most {MAXIMUM_BYTES:,} are read")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        stop(1, 1, "is not UTF-8 (it begins like UTF-16)")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _place(data[: error.start].decode("utf-8"))
        stop(line, column, f"is not UTF-8 (byte 0x{data[error.start]:02x})")
    text = text.removeprefix("\ufeff")
    if found := _CONFLICT.search(text):
        line, column = _place(text[: found.start()])
        stop(line, column, f"unresolved merge conflict at line {line}")
    if found := _UNREADABLE.search(text):
        stop(*_place(text[: found.start()]), f"holds the control character U+{ord(found.group()):04X}")
    if not text.strip():
        stop(1, 1, "is empty")
    return text


def _place(before: str) -> tuple[int, int]:
    lines = _LINE_BREAK.split(before)
    return len(lines), len(lines[-1]) + 1
