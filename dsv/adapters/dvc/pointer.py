"""The `.dvc` file: which object a path of the work tree has, in the very bytes that DVC writes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Any

from dsv.adapters.dvc.runtime import load, translated
from dsv.errors import BadManifestError, UnsupportedError
from dsv.model.problems import shown

MAXIMUM_BYTES = 1 << 20
_MD5 = re.compile(r"[0-9a-f]{32}(?:\.dir)?")
_NUMBER = re.compile(r"[0-9]{1,18}")
# Values whose spelling in DVC's files is the value itself; others are left to DVC's own writer.
_PLAIN_PATH = re.compile(r"[A-Za-z][A-Za-z0-9_./-]{0,59}")
_PLAIN_MD5 = re.compile(r"[0-9a-f]*[abcdf][0-9a-f]*|[0-9a-f]{32}\.dir")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_OWN_KEYS = frozenset({"md5", "size", "nfiles", "isexec", "hash", "path"})
_KEPT_KEYS = frozenset({"desc", "type", "labels", "meta", "remote", "push", "persist", "cache"})


class Origin(Enum):
    """Where a pointer's data comes from."""

    OWN = "own"
    IMPORTED = "imported"  # by dvc import or import-url: DVC writes it anew on update


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a `.dvc` file says of its one output; `path` is relative to the file's directory."""

    md5: str  # `<hex>.dir` for a directory
    size: int | None
    path: str
    nfiles: int | None = None  # of a directory
    executable: bool = False
    hash_name: str = "md5"  # files of DVC 2 have md5-dos2unix, another digest under the same key
    origin: Origin = Origin.OWN

    @property
    def is_directory(self) -> bool:
        """Whether the path is a directory."""
        return self.md5.endswith(".dir")


def render_pointer(pointer: Pointer) -> bytes:
    """The file's bytes, as `dvc add` writes them."""
    plain = (
        _PLAIN_MD5.fullmatch(pointer.md5) and _PLAIN_PATH.fullmatch(pointer.path) and pointer.path.lower() not in _WORDS
    )
    if not plain:
        return _written_by_dvc({"outs": [_output(pointer)]})
    lines = [f"{key}: {_spelled(value)}" for key, value in _output(pointer).items()]
    return ("outs:\n- " + "\n  ".join(lines) + "\n").encode("ascii")


def parse_pointer(data: bytes, *, file: str) -> Pointer:
    """What the file says; BadManifestError where it is no DVC pointer to one output."""
    return _pointer(_document(data, file=file), file=file)


def updated_pointer(existing: bytes, pointer: Pointer, *, file: str) -> bytes:
    """The existing file with the pointer's digest, size and path.

    Description, labels, meta, remote and comments stay as the user wrote them.
    """
    document = _document(existing, file=file)
    before = _pointer(document, file=file)
    if before.origin is Origin.IMPORTED:
        raise UnsupportedError(
            f"{file} was made by dvc import",
            hint="dvc update brings its data; copy the data to another path to version it here",
            details={"file": file},
        )
    output = document["outs"][0]
    if document.keys() == {"outs"} and output.keys() <= _OWN_KEYS and b"#" not in existing:
        return render_pointer(pointer)
    with translated(f"reading {file}"):
        load()
        from dvc.utils.serialize import parse_yaml_for_update

        kept = parse_yaml_for_update(existing.decode("utf-8"), file)
    wanted = _output(pointer)
    kept_output = kept["outs"][0]
    for key in _OWN_KEYS - wanted.keys():
        kept_output.pop(key, None)
    kept_output.update(wanted)
    kept.pop("md5", None)  # a checksum of the file's earlier content
    return _written_by_dvc(kept)


def _output(pointer: Pointer) -> dict[str, Any]:
    output: dict[str, Any] = {"md5": pointer.md5}
    if pointer.size is not None:
        output["size"] = pointer.size
    if pointer.nfiles is not None:
        output["nfiles"] = pointer.nfiles
    if pointer.executable:
        output["isexec"] = True
    return {**output, "hash": pointer.hash_name, "path": pointer.path}


def _spelled(value: Any) -> str:
    return "true" if value is True else str(value)


def _written_by_dvc(document: Any) -> bytes:
    with translated("writing a .dvc file"):
        load()
        from dvc.utils.serialize import dumps_yaml

        return str(dumps_yaml(document)).encode("utf-8")


def _document(data: bytes, *, file: str) -> Any:
    """The YAML document with every scalar as the text it is."""
    import yaml

    if len(data) > MAXIMUM_BYTES:
        raise _bad(file, f"is {len(data)} bytes long, which no DVC pointer is")
    try:
        text = data.decode("utf-8")
        node = yaml.compose(text, Loader=yaml.CBaseLoader)
        if node is not None:
            _refuse_duplicates(node, file=file)
        return yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506  # the base loader makes only strings
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        said = " ".join(str(error).split()).replace(' in "<unicode string>"', "")
        raise _bad(file, f"is not YAML: {said[:200]}") from error


def _refuse_duplicates(root: Any, *, file: str) -> None:
    import yaml

    seen: set[int] = set()
    open_nodes = [root]
    while open_nodes:
        node = open_nodes.pop()
        if id(node) in seen or isinstance(node, yaml.ScalarNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.SequenceNode):
            open_nodes.extend(node.value)
            continue
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(names) != len(node.value):
            raise _bad(file, "has a key that is not text")
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise _bad(file, f"has the key {shown(twice[0])} twice")
        open_nodes.extend(value for _, value in node.value)


def _pointer(document: Any, *, file: str) -> Pointer:
    outputs = document.get("outs") if isinstance(document, dict) else None
    if not isinstance(outputs, list) or len(outputs) != 1 or not isinstance(outputs[0], dict):
        raise _bad(file, "is not a DVC pointer to one output")
    output = outputs[0]
    imported = any(key in document for key in ("deps", "frozen", "cmd", "params"))
    unknown = sorted(output.keys() - _OWN_KEYS - _KEPT_KEYS)
    if (unknown and not imported) or document.get("wdir", ".") != "." or output.get("cache") == "false":
        what = unknown[0] if unknown else "wdir" if "wdir" in document else "cache"
        raise UnsupportedError(
            f"{file}: dsv does not work with the key {shown(what)}",
            hint="dvc remove the file, then dsv add the data",
            details={"file": file, "key": what},
        )
    md5, path = output.get("md5"), output.get("path")
    if not isinstance(md5, str) or not _MD5.fullmatch(md5):
        raise _bad(file, f"outs.md5 is {shown(md5)}, not an md5")
    if not isinstance(path, str) or not path or "\0" in path:
        raise _bad(file, "outs.path is missing")
    return Pointer(
        md5,
        _number(output, "size", file=file),
        path,
        nfiles=_number(output, "nfiles", file=file),
        executable=output.get("isexec") == "true",
        hash_name=str(output.get("hash", "md5-dos2unix")),
        origin=Origin.IMPORTED if imported else Origin.OWN,
    )


def _number(output: dict[str, Any], key: str, *, file: str) -> int | None:
    text = output.get(key)
    if text is None:
        return None
    if not isinstance(text, str) or not _NUMBER.fullmatch(text):
        raise _bad(file, f"outs.{key} is {shown(text)}, not a number")
    return int(text)


def _bad(file: str, problem: str) -> BadManifestError:
    return BadManifestError(
        f"{file}: {problem}",
        hint="restore it: git checkout -- the file, or resolve the merge conflict in it",
        details={"file": file},
    )
