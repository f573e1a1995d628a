"""Which objects DVC's texts name: rather one too many than one too few."""

from __future__ import annotations

import hashlib
import os
import re
from typing import TYPE_CHECKING, Any

from dsv.adapters.dvc.disk import disk_error
from dsv.adapters.dvc.pointer import is_conflicted, yaml_document
from dsv.errors import BadManifestError, MismatchError

if TYPE_CHECKING:
    from collections.abc import Iterable

_OID = re.compile(rb"(?<![0-9a-f])[0-9a-f]{32}(?:\.dir)?(?![0-9a-f])")
_MD5 = re.compile(r"[0-9a-f]{32}(?:\.dir)?")
_AS_WRITTEN = re.compile(
    rb"(?:#[^\n]*\n)*outs:\n- md5: '?[0-9a-f]{32}(?:\.dir|'?)\n(?:  [a-z]+: [^\n]+\n)*  path: [^\n]+\n"
)
_OF_DVC_3 = re.compile(rb"(?m)^[ -]+hash: md5\s*$")
_FROM_ELSEWHERE = re.compile(rb"(?m)^(?:deps:|[ -]+push: false\s*$)")


def oids_in(text: bytes) -> frozenset[str]:
    """Everything in the text that has the form of an object's name."""
    return frozenset(each.decode() for each in _OID.findall(text))


def refuse_cut_short(text: bytes, *, file: str) -> None:
    """BadManifestError for the text of a pointer or a dvc.lock that may have named objects that it does not name now.

    One in conflict names those of both sides.
    """
    if os.path.basename(file) == "dvc.lock":
        if text and not text.endswith(b"\n") and not isinstance(yaml_document(text, file=file), dict):
            raise _unreadable(file, "it was cut short")
        return
    if _AS_WRITTEN.fullmatch(text) or is_conflicted(text):
        return
    document = yaml_document(text, file=file)
    outputs = document.get("outs", []) if isinstance(document, dict) else None
    if not isinstance(outputs, list) or not all(_is_output(each) for each in outputs):
        raise _unreadable(file, "it is not a DVC pointer")


def is_published_elsewhere(text: bytes) -> bool:
    """Whether what the pointer names need not be on a remote of ours: imports, data never pushed, objects of DVC 2."""
    return _OF_DVC_3.search(text) is None or _FROM_ELSEWHERE.search(text) is not None


def members(paths: Iterable[str], oid: str) -> frozenset[str] | None:
    """The objects that a list of files names, read at the first of the paths that is there; None where none is.

    MismatchError where its bytes are not those of its name.
    """
    for path in paths:
        try:
            with open(path, "rb") as stream:
                data = stream.read()
        except FileNotFoundError:
            continue
        except OSError as error:
            raise disk_error(error, doing=f"reading object {oid}") from error
        if hashlib.md5(data, usedforsecurity=False).hexdigest() != oid.removesuffix(".dir"):
            raise MismatchError(
                f"object {oid}, a list of files, has other bytes than its name says",
                hint=f"remove {path}: a good one is brought from the remote then",
                details={"object": oid, "path": path},
            )
        return oids_in(data)
    return None


def _is_output(output: Any) -> bool:
    """Whether it says where it lies, and names an object as a whole if it names one."""
    return isinstance(output, dict) and bool(output.get("path")) and bool(_MD5.fullmatch(output.get("md5", "0" * 32)))


def _unreadable(file: str, why: str) -> BadManifestError:
    return BadManifestError(f"{file} cannot be read: {why}", details={"file": file})
