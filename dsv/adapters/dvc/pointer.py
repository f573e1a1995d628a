"""The `.dvc` file: which object a path of the work tree has, in the very bytes that DVC writes."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from dsv.adapters.dvc.runtime import load, translated
from dsv.errors import BadManifestError, TrackedError, UnsupportedError
from dsv.model.problems import shown
from dsv.model.yaml_size import MOST_VALUES, expanded_size, refuse_long

MAXIMUM_BYTES = 1 << 20
_CONFLICT = re.compile(rb"(?m)^<{7,} .*$(?s:.)*^>{7,} ")
_MD5 = re.compile(r"[0-9a-f]{32}(?:\.dir)?")
_NUMBER = re.compile(r"[0-9]{1,18}")
# Values whose spelling in DVC's files is the value itself; others are left to DVC's own writer.
_PLAIN_PATH = re.compile(r"[A-Za-z][A-Za-z0-9_./-]{0,59}")
_PLAIN_MD5 = re.compile(r"[0-9a-f]*[abcdf][0-9a-f]*|[0-9a-f]{32}\.dir")
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_OWN_KEYS = frozenset({"md5", "size", "nfiles", "isexec", "hash", "path"})
_KEPT_KEYS = frozenset({"desc", "type", "labels", "meta", "remote", "push", "persist", "cache"})
_USER_OF_URL = re.compile(r"(?<=://)[^/\s@]+@")
_SHOWN_REVISION = 10


class Origin(Enum):
    """Where a pointer's data comes from."""

    OWN = "own"
    IMPORTED = "imported"  # by dvc import or import-url: DVC writes it anew on update


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a `.dvc` file says of its one output; `path` is relative to the file's directory.

    Of an import, `source` says what was imported from where; its `md5` may be empty, when nothing was downloaded yet.
    """

    md5: str  # `<hex>.dir` for a directory
    size: int | None
    path: str
    nfiles: int | None = None  # of a directory
    executable: bool = False
    hash_name: str = "md5"  # files of DVC 2 have md5-dos2unix, another digest under the same key
    origin: Origin = Origin.OWN
    source: str = ""
    pushed: bool = True  # whether dvc push takes the data along

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


def is_conflicted(data: bytes) -> bool:
    """Whether git left both sides of a merge in the file, between its markers."""
    return _CONFLICT.search(data[:MAXIMUM_BYTES]) is not None


def parse_pointer(data: bytes, *, file: str) -> Pointer:
    """What the file says; BadManifestError where it is no DVC pointer to one output, or in conflict."""
    if is_conflicted(data):
        raise BadManifestError(
            f"{file} has a merge conflict",
            hint="dsv merge merges the data of a dataset; or take one side with git checkout --ours, and git add it",
            details={"file": file},
        )
    return _pointer(yaml_document(data, file=file), file=file)


def pointed_to(data: bytes, *, file: str) -> list[str]:
    """The paths of all outputs of a `.dvc` file, from where the file's own path counts; none of another file."""
    try:
        document = yaml_document(data, file=file)
    except BadManifestError:
        return []
    outputs = document.get("outs") if isinstance(document, dict) else None
    paths = [each.get("path") for each in outputs if isinstance(each, dict)] if isinstance(outputs, list) else []
    folder = posixpath.join(posixpath.dirname(file), str(document.get("wdir", ".")) if paths else "")
    return [posixpath.normpath(posixpath.join(folder, path)) for path in paths if isinstance(path, str)]


def updated_pointer(existing: bytes, pointer: Pointer, *, file: str) -> bytes:
    """The existing file with the pointer's digest, size and path.

    Description, labels, meta, remote and comments stay as the user wrote them.
    """
    document = yaml_document(existing, file=file)
    before = _pointer(document, file=file)
    refuse_import(before, file=file)
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


def refuse_import(pointer: Pointer, *, file: str) -> None:
    """TrackedError, naming where the data was imported from, for a pointer that DVC writes anew on update."""
    if pointer.origin is Origin.IMPORTED:
        raise TrackedError(
            f"{file} imports {pointer.source}: DVC would overwrite a release with the next dvc update",
            hint="copy the data to a path of its own, and dsv add the copy; --from names the source if it is a dataset",
            details={"file": file, "source": pointer.source},
        )


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


def yaml_document(data: bytes, *, file: str) -> Any:
    """The YAML document with every scalar as the text it is."""
    import yaml

    if len(data) > MAXIMUM_BYTES:
        raise _bad(file, f"is {len(data)} bytes long, which no DVC pointer is")
    try:
        text = data.decode("utf-8")
        refuse_long(text)
        node = yaml.compose(text, Loader=yaml.CBaseLoader)
        if node is not None:
            if expanded_size(node) > MOST_VALUES:
                raise _bad(file, f"its aliases stand for more than {MOST_VALUES:,} values")
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
    if not isinstance(outputs, list) or not outputs or not all(isinstance(each, dict) for each in outputs):
        raise _bad(file, "is not a DVC pointer to an output")
    if len(outputs) > 1:
        paths = ", ".join(shown(str(each.get("path"))) for each in outputs)
        raise UnsupportedError(
            f"{file} names {len(outputs)} outputs ({paths}), and dsv works with one",
            hint=f"dvc remove {file}, then dsv add each of them",
            details={"file": file, "outputs": len(outputs)},
        )
    output = outputs[0]
    imported = any(key in document for key in ("deps", "cmd", "params"))
    if not imported:
        _refuse_keys(document, output, file=file)
    if imported and "md5" not in output:  # nothing was downloaded yet
        return Pointer("", None, str(output.get("path", "")), origin=Origin.IMPORTED, source=_source(document))
    found = output_of(output, file=file)
    return replace(found, origin=Origin.IMPORTED, source=_source(document)) if imported else found


def output_of(output: dict[str, Any], *, file: str) -> Pointer:
    """What an entry of `outs` says, in a `.dvc` file or in dvc.lock; BadManifestError where it is none."""
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
        pushed=output.get("push") != "false",
    )


def _refuse_keys(document: dict[str, Any], output: dict[str, Any], *, file: str) -> None:
    """UnsupportedError for what gives the output another meaning than dsv knows."""
    unknown = sorted(output.keys() - _OWN_KEYS - _KEPT_KEYS)
    unknown += ["wdir"] if document.get("wdir", ".") != "." else []
    unknown += ["cache"] if output.get("cache") == "false" else []
    if unknown:
        named = ", ".join(shown(key) for key in unknown)
        raise UnsupportedError(
            f"{file}: dsv does not work with the {'key' if len(unknown) == 1 else 'keys'} {named}",
            hint=f"dvc remove {file}, then dsv add the data",
            details={"file": file, "keys": unknown},
        )


def _source(document: dict[str, Any]) -> str:
    """What an import brings, from where and at which revision, as far as the file says it; no passwords."""
    dependencies = document.get("deps")
    first = dependencies[0] if isinstance(dependencies, list) and dependencies else {}
    path = str(first.get("path", "something")) if isinstance(first, dict) else str(first)
    repository = first.get("repo") if isinstance(first, dict) else None
    words = _USER_OF_URL.sub("", path)
    if isinstance(repository, dict):
        words += f" of {_USER_OF_URL.sub('', str(repository.get('url', 'another repository')))}"
        revision = repository.get("rev") or str(repository.get("rev_lock", ""))[:_SHOWN_REVISION]
        words += f" at {revision}" if revision else ""
    return words if words.isprintable() else shown(words)


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
