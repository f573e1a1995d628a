"""Options and arguments that several commands share, and their texts made into values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dsv.errors import UsageError
from dsv.model.problems import shown

if TYPE_CHECKING:
    from dsv.model.reference import Ref
    from dsv.model.release_options import Hooks, ReleaseOptions

Summary = Annotated[str, typer.Option("--message", "-m", metavar="SUMMARY", help="What changed, in a sentence.")]
Tags = Annotated[list[str], typer.Option("--tag", metavar="T", help="Label this version; may be repeated.")]
Metadata = Annotated[
    list[str], typer.Option("--meta", metavar="K=V", help="A fact to record; V is read as YAML. May be repeated.")
]
MetadataFile = Annotated[str, typer.Option("--meta-file", metavar="F", help="A YAML or JSON file with such facts.")]
Sources = Annotated[
    list[str],
    typer.Option(
        "--from",
        metavar="REF[:RELATION]",
        help="What the data was made from; may be repeated. REPOSITORY::REF for another repository's.",
    ),
]
Notes = Annotated[
    list[str],
    typer.Option("--note", metavar="TEXT", help="Said of what --from names: once for all, or once for each."),
]
ProducedBy = Annotated[str, typer.Option("--produced-by", metavar="KIND:ID", help="The run that made the data.")]
OnBadRecord = Annotated[
    str,
    typer.Option(
        "--on-bad-record", metavar="refuse|keep", help="Refuse records that do not parse, or keep and count them."
    ),
]
Waivers = Annotated[
    list[str],
    typer.Option("--waive", metavar="CHECK=WHY", help="Release although this check fails, and record why."),
]
NoTag = Annotated[bool, typer.Option("--no-tag", help="Commit the version without its git tag.")]
NoVerify = Annotated[
    bool, typer.Option("--no-verify", help="Leave out the hooks pre-commit and commit-msg, as git commit does.")
]
Untrack = Annotated[
    bool, typer.Option("--untrack", help="Let git forget the data it tracks, in the same commit; the files stay.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be released; write nothing.")]
Explain = Annotated[bool, typer.Option("--explain", help="Show a record for each reason of the level.")]
ExitCode = Annotated[bool, typer.Option("--exit-code", help="Leave with 1 when something changed.")]


EXAMPLES = 5
"""How many changed records of a kind are shown when no number is given."""

_EXAMPLES = {"--meta": "source=manual", "--map": "/old/place=/new/place", "--split": "test=test*.jsonl"}
_WAIVER = re.compile(
    r"""(?P<check>(?:[^=<>!"']|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[=<>!]=|[<>])+)=(?!=)(?P<why>.*)""", re.DOTALL
)


def pairs(texts: Sequence[str], *, option: str) -> dict[str, str]:
    """`K=V` texts as a mapping; UsageError names the one that is none."""
    found = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key.strip():
            raise UsageError(
                f"{option} {shown(text)} is not two things with = between them",
                hint=f"for instance {option} {_EXAMPLES[option]}",
            )
        found[key.strip()] = value
    return found


def waivers(texts: Sequence[str]) -> dict[str, str]:
    """`CHECK=WHY` texts; UsageError for one without a reason.

    A check has comparisons in it, and quotes: the first = that stands alone ends it.
    """
    found = {}
    for text in texts:
        match = _WAIVER.fullmatch(text)
        if match is None or not match["check"].strip():
            raise UsageError(
                f"--waive {shown(text)} is not a check and a reason with = between them",
                hint='for instance --waive "missing(score)=the vendor sends scores in May"',
            )
        check, why = match["check"].strip(), match["why"]
        if not why.strip():
            raise UsageError(f"--waive {check}= gives no reason", hint=f'--waive "{check}=why it is right"')
        found[check] = why
    return found


def metadata(texts: Sequence[str], file: str) -> dict[str, Any]:
    """The facts of `--meta-file`, overridden by those of `--meta`."""
    if not texts and not file:
        return {}  # what reads YAML takes longer to load than it takes to see that nothing changed
    from dsv.errors import BadManifestError
    from dsv.model.name import is_name
    from dsv.model.yamltext import load_value

    found: dict[str, Any] = {}
    if file:
        found.update(_metadata_file(file))
    for key, value in pairs(texts, option="--meta").items():
        where = f"--meta {key if is_name(key) else shown(key)}"
        try:
            found[key] = load_value(value.encode(), file=where) if value.strip() else ""
        except (BadManifestError, UnicodeEncodeError):
            raise BadManifestError(f"{where}: {shown(value)} is not a YAML value", hint="quote it") from None
    return found


def _metadata_file(file: str) -> dict[str, Any]:
    from dsv.errors import BadManifestError, NoPathError
    from dsv.model.yamltext import load_value
    from dsv.records.canonical import MalformedError, decode

    try:
        with open(file, "rb") as stream:
            content = stream.read()
    except OSError as error:
        raise NoPathError(f"{file} cannot be read: {error.strerror}", hint="give the path of a file") from error
    try:
        # JSON is YAML but for escaped surrogate pairs, in which JSON writers spell emoji.
        found = decode(content) if file.lower().endswith(".json") else load_value(content, file=file)
    except MalformedError as error:
        raise BadManifestError(f"{file}:{error.line}: {error.reason}", hint="correct the file") from None
    if not isinstance(found, dict):
        raise BadManifestError(f"{file} holds no mapping", hint="write key: value lines")
    return found


def reference(text: str, *, dataset: str | None = None) -> Ref:
    """A reference as typed; UsageError when it is malformed."""
    from dsv.model.reference import parse_reference

    return parse_reference(text, default_dataset=dataset)


def splits(texts: Sequence[str]) -> dict[str, str]:
    """`NAME=GLOB` texts in their order."""
    from dsv.model.name import check_name

    found = pairs(texts, option="--split")
    for name in found:
        check_name(name, what="split name")
    return found


def hooks(*, no_verify: bool) -> Hooks:
    """Whether git's hooks may say no to a commit."""
    from dsv.model.release_options import Hooks

    return Hooks.SKIP if no_verify else Hooks.RUN


def release_options(
    on_bad_record: str = "refuse", *, no_tag: bool, dry_run: bool, no_verify: bool = False, untrack: bool = False
) -> ReleaseOptions:
    """The choices of one release; UsageError where a word is none that its option takes."""
    from dsv.model.release_options import ReleaseOptions, Tracked

    if on_bad_record not in {"refuse", "keep"}:
        raise UsageError(f"--on-bad-record takes refuse or keep, not {shown(on_bad_record)}")
    return ReleaseOptions(
        tag=not no_tag,
        dry_run=dry_run,
        keep_bad_records=on_bad_record == "keep",
        hooks=hooks(no_verify=no_verify),
        tracked=Tracked.UNTRACK if untrack else Tracked.REFUSE,
    )
