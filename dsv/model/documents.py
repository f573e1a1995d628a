"""What dsv's own files have in common: how a model is read from YAML, with every problem and its place.

A model here is a section of a file: strict, frozen, and open, so that keys it does not know are kept and
written back after the known ones.
"""

from __future__ import annotations

import contextlib
import functools
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Final, Generic, Literal, TypeVar, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    ConfigDict,
    JsonValue,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from dsv.errors import BadManifestError
from dsv.model.problems import Path, Problem, path_text, refuse, shown
from dsv.model.secrecy import without_secrets_of_urls
from dsv.model.texts import check_json
from dsv.model.yamltext import ANYTHING, Document, ScalarKind, Section, Wanted, parse
from dsv.model.yamlwriter import Layout, render

SCHEMA: Final = 1
"""The number of the file formats that this dsv writes."""

_WORDING = {
    "missing": "is missing",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "string_unicode": "must be text that UTF-8 can carry",
    "string_too_short": "must not be empty",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "model_attributes_type": "must be a mapping",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
}
_LIMITS = {
    "greater_than": ("gt", "must be more than"),
    "greater_than_equal": ("ge", "must be at least"),
    "less_than": ("lt", "must be less than"),
    "less_than_equal": ("le", "must be at most"),
}


Model = TypeVar("Model", bound="Part")
Value = TypeVar("Value")


class Part(BaseModel):
    """A section of a file. `left_out` names keys that are not written when their value is null."""

    model_config = ConfigDict(strict=True, frozen=True, extra="allow")
    left_out: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="after")
    def _unknown_keys_hold_json(self) -> Part:
        check_json(self.__pydantic_extra__)
        return self

    @model_serializer(mode="wrap")
    def _written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = handler(self)
        for key in self.left_out:
            if written.get(key, ...) is None:
                del written[key]
        return written


@dataclass(frozen=True)
class Loaded(Generic[Value]):
    """What a file says, and a line for each key that this dsv does not know."""

    value: Value
    warnings: tuple[str, ...] = ()


def load(
    model: type[Model],
    data: bytes,
    *,
    file: str,
    contradictions: Callable[[Model], Iterable[tuple[Path, str]]] | None = None,
) -> Loaded[Model]:
    """The model that the file's bytes spell; BadManifestError lists everything that is wrong with it.

    `contradictions` are what is wrong between parts of it each of which is right, with the place of the second.
    """
    document = parse(data, file=file)
    if not isinstance(document.root, Section):
        got = "a list" if not hasattr(document.root, "text") else "a single value"
        refuse([*document.problems, document.problem((), f"must be a mapping (got {got})")])
    value = document.value(wanted_by(model))
    refuse_newer(value, document=document)
    try:
        loaded = model.model_validate(value)
    except ValidationError as error:
        known = {problem.path for problem in document.problems}
        found = [_problem(details, document) for details in error.errors(include_url=False)]
        refuse([*document.problems, *(problem for problem in found if problem.path not in known)])
    between = contradictions(loaded) if contradictions else ()
    if wrong := [*document.problems, *(document.problem(path, message) for path, message in between)]:
        refuse(wrong)
    return Loaded(loaded, tuple(map(str, sorted(document.unknown))))


def refuse_newer(value: Mapping[str, Any], *, document: Document) -> None:
    """BadManifestError when the file is of a later format, whose keys may mean something else."""
    schema = value.get("schema")
    if isinstance(schema, int) and not isinstance(schema, bool) and schema > SCHEMA:
        problem = document.problem(
            ("schema",), f"written by a newer dsv (schema {shown(schema)}; this one knows {SCHEMA})"
        )
        raise BadManifestError(str(problem), hint="upgrade dsv to read it", details={"problems": [problem.document()]})


@contextlib.contextmanager
def checked(what: str) -> Iterator[None]:
    """Around the making of models from values: what they refuse is a BadManifestError that names `what`."""
    try:
        yield
    except ValidationError as error:
        refuse(
            Problem(0, 0, path_text(_path(details["loc"])), _message(details), what)
            for details in error.errors(include_url=False)
        )


def plain(model: Part, *, only_set: bool = False) -> dict[str, Any]:
    """The model as a JSON value, keys in the order of the file; `only_set` leaves out what stands for its default."""
    value: dict[str, Any] = model.model_dump(mode="json", by_alias=True, exclude_unset=only_set)
    return value


def dump(value: Mapping[str, Any], *, schema: str, layout: Layout, what: str) -> bytes:
    """The bytes of a file; `schema` is where its JSON Schema lies as seen from it."""
    text = render(value, layout=layout, what=what)
    return f"# yaml-language-server: $schema={schema}\n{text}".encode()


@functools.cache
def wanted_by(model: type[BaseModel]) -> Wanted:
    """What the model wants in each place of its file, read off its annotations."""
    return Wanted(keys={field.alias or name: _wanted(field.annotation) for name, field in model.model_fields.items()})


def _wanted(annotation: Any) -> Wanted:
    origin, arguments = get_origin(annotation), get_args(annotation)
    wanted = Wanted(scalar=ScalarKind.TEXT)
    if origin is Annotated:
        wanted = _wanted(arguments[0])
    elif origin in (Union, types.UnionType):  # here always: one thing, or null
        wanted = _wanted(next(each for each in arguments if each is not type(None)))
        if wanted.scalar is ScalarKind.TEXT:
            wanted = replace(wanted, scalar=ScalarKind.TEXT_OR_NULL)
    elif origin is tuple:
        wanted = Wanted(items=_wanted(arguments[0]))
    elif origin is dict:
        wanted = Wanted(rest=_wanted(arguments[1]))
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        wanted = wanted_by(annotation)
    elif annotation in (int, float, bool, JsonValue) or (origin is Literal and not isinstance(arguments[0], str)):
        wanted = ANYTHING
    return wanted


def _problem(details: Any, document: Document) -> Problem:
    path = _path(details["loc"])
    if details["loc"][-1:] == ("[key]",):
        return document.key_problem(path, _message(details))
    offset = getattr(details.get("ctx", {}).get("error"), "offset", 0)  # in a text that has a grammar of its own
    return document.problem(path, _message(details), offset=offset)


def _path(location: tuple[str | int, ...]) -> Path:
    return location[:-1] if location and location[-1] == "[key]" else location


def _message(details: Any) -> str:
    kind, context = details["type"], details.get("ctx", {})
    if kind == "missing":
        return _WORDING[kind]
    if kind == "literal_error":
        wording = f"must be {context['expected']}"
    elif kind in _LIMITS:
        limit, words = _LIMITS[kind]
        bound = context[limit]
        wording = f"{words} {bound if isinstance(bound, int) else f'{bound:g}'}"
    elif kind in ("value_error", "assertion_error"):
        wording = str(context["error"])
    else:
        wording = _WORDING.get(kind) or details["msg"]
    got = details["input"]
    got = without_secrets_of_urls(got) if isinstance(got, str) else got
    said = shown(got) in wording if isinstance(got, str) else isinstance(got, (Mapping, tuple))
    told = kind == "value_error" and said  # by the check itself, or not worth saying
    return wording if told else f"{wording} (got {shown(got)})"
