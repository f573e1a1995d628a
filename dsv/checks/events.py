"""Rules that every event keeps: it is added once, says what its name says, and is about something that is there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dsv.checks.finding import Finding, Status
from dsv.errors import BadManifestError
from dsv.model.event import Event, event_file_name, load_event
from dsv.model.standing import COUNTING, Happening
from dsv.model.version import Version

_OF_A_VERSION = frozenset({Happening.YANK, Happening.PROMOTE, Happening.DEMOTE, Happening.RUN})
_OF_A_DATASET = frozenset({Happening.ARCHIVE, Happening.RENAME, Happening.MOVE})


@dataclass(frozen=True)
class EventSubject:
    """One event to look at: its file and text now, its earlier texts by the place that holds them.

    `versions` are those that the dataset has, under all its names.
    """

    file: str
    dataset: str
    text: bytes | None
    earlier: Mapping[str, bytes]
    versions: Collection[Version]

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.file.rpartition("/")[2]

    def finding(self, status: Status, message: str, *, check: str = "event", **more: object) -> Finding:
        """A finding about this event."""
        line = more.get("line", 1)
        return Finding(
            check,
            status,
            message,
            dataset=self.dataset,
            value=more.get("value"),
            limit=more.get("limit"),
            file=self.file,
            line=line if isinstance(line, int) else 1,
        )


def check_event(subject: EventSubject) -> list[Finding]:
    """Everything there is to say about one event."""
    findings = list(_unchanged(subject))
    if subject.text is None:
        return findings
    text = subject.text.replace(b"\r\n", b"\n")  # where git was told to write the line ends of Windows
    try:
        event = load_event(text, file=subject.file).value
    except BadManifestError as error:
        return [*findings, *_malformed(subject, error)]
    findings += [*_place(subject, event, text), *_kind(subject, event)]
    return findings or [subject.finding(Status.PASSED, "is as it was written, and about what is there")]


def _unchanged(subject: EventSubject) -> Iterator[Finding]:
    for place, text in subject.earlier.items():
        if subject.text is None:
            yield subject.finding(Status.FAILED, f"is gone, but {place} has it", check="unchanged")
        elif text != subject.text:
            yield subject.finding(Status.FAILED, f"differs from what {place} has", check="unchanged")
        else:
            continue
        return


def _malformed(subject: EventSubject, error: BadManifestError) -> Iterator[Finding]:
    problems: Sequence[Mapping[str, object]] = error.details.get("problems", [])
    if not problems:
        yield subject.finding(Status.FAILED, error.message)
    for problem in problems:
        message = f"{problem.get('path') or 'the file'}: {problem.get('message')}"
        yield subject.finding(Status.FAILED, message, line=problem.get("line"))


def _place(subject: EventSubject, event: Event, text: bytes) -> Iterator[Finding]:
    if event.dataset != subject.dataset:
        yield subject.finding(Status.FAILED, f"is about {event.dataset}", value=event.dataset, limit=subject.dataset)
    expected = event_file_name(event, text)
    if subject.name != expected:
        yield subject.finding(
            Status.FAILED, "its name is not that of its time, kind and content", value=subject.name, limit=expected
        )


def _kind(subject: EventSubject, event: Event) -> Iterator[Finding]:
    """Whether an event of this kind can be about this subject."""
    kind = next((each for each in Happening if each.value == event.event), None)
    version = None if event.version is None else Version.parse(str(event.version))
    if kind is None:
        yield subject.finding(Status.WARNING, f"{event.event} is a kind of event that this dsv does not know")
        return
    if kind in _OF_A_VERSION and version is None:
        yield subject.finding(Status.FAILED, f"{kind.value} is of a version, and it names none")
    if kind in _OF_A_DATASET and version is not None:
        yield subject.finding(Status.FAILED, f"{kind.value} is of a dataset, and it names the version {version}")
    if kind in (Happening.PROMOTE, Happening.DEMOTE) and not isinstance(event.data.get("stage"), str):
        yield subject.finding(Status.FAILED, f"{kind.value} names no stage")
    if version is not None and version not in subject.versions:
        status = Status.FAILED if kind.value in COUNTING else Status.WARNING
        yield subject.finding(status, f"is about the version {version}, which is not here", value=str(version))
