"""Rules that every event keeps: it is added once, says what its name says, and is about something that is there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dsv.errors import BadManifestError
from dsv.model.event import Event, event_file_name, load_event
from dsv.model.finding import Check, Finding, Status
from dsv.model.problems import shown
from dsv.model.standing import COUNTING, Happening, Standing
from dsv.model.version import Version

EVENT_STANDS = Check(
    "C203",
    "unchanged",
    "An event is added once, and neither edited nor deleted.",
    "What happened to a version, and who said so, would be forgotten.",
    "Somebody deleted the event that yanked a version, to have it back.",
    "is gone, but {place} has it",
    "git checkout COMMIT -- {file} brings it back; dsv restore {dataset}@VERSION takes back what it says",
)
EVENT_READS = Check(
    "C701",
    "event",
    "An event can be read, and has every key that an event must have.",
    "It is left out, so that a version that was yanked counts again.",
    "A merge left `<<<<<<<` in the file.",
    "{key}: {problem}",
    "git checkout COMMIT -- {file} brings it back",
)
EVENT_PLACE = Check(
    "C702",
    "event",
    "An event lies among those of its dataset, under the name that its time, kind and content give.",
    "It was edited, or copied from another dataset.",
    "Somebody copied the event that promoted a version of another dataset.",
    "its name is not that of its time, kind and content",
    "git rm {file}; dsv promote, yank and the like write events",
)
EVENT_KIND = Check(
    "C703",
    "event",
    "An event says what one of its kind has to: a version is yanked and promoted, a dataset archived and renamed.",
    "Nobody can tell what it means.",
    "Somebody wrote an event that promotes a version and names no stage.",
    "{kind} names no stage",
    "git rm {file}; dsv promote, yank and the like write events",
)
EVENT_SUBJECT = Check(
    "C704",
    "event",
    "The version that an event is about is here.",
    "A stage would point to nothing.",
    "A pull request promotes a version that is on another branch.",
    "is about the version {event_version}, which is not here",
    "merge what has the version; or git rm {file} before it is merged",
)
UNKNOWN_EVENT = Check(
    "C705",
    "event",
    "An event is of a kind that this dsv knows.",
    "A newer dsv wrote it, and this one leaves it out.",
    "A colleague has a newer dsv.",
    "{kind} is a kind of event that this dsv does not know",
    "install a newer dsv",
)

UNKNOWN_STAGE = Check(
    "C706",
    "stage",
    "A stage is one of the project's vocabulary in dsv.yaml.",
    "Who looks for what is in `prod` does not find what is in `production`.",
    "A colleague's dsv.yaml had other stages.",
    "stage {stage} is not in the project's vocabulary",
    "git rm {file} before it is merged, and promote to a stage of the vocabulary; or add the stage to dsv.yaml",
)
WITHDRAWN_STAGE = Check(
    "C707",
    "stage",
    "A stage points to a version that is found.",
    "Whoever asks for the stage finds nothing.",
    "Somebody yanked the version that was in production.",
    "{stage} points to {pointed}, which is {standing}",
    "dsv promote another version, or dsv demote {dataset} STAGE",
)

EVENTS = (EVENT_READS, EVENT_PLACE, EVENT_KIND, EVENT_SUBJECT, UNKNOWN_EVENT, UNKNOWN_STAGE, WITHDRAWN_STAGE)

_OF_A_VERSION = frozenset({Happening.YANK, Happening.PROMOTE, Happening.DEMOTE, Happening.RUN})
_OF_A_DATASET = frozenset({Happening.ARCHIVE, Happening.RENAME, Happening.MOVE})


@dataclass(frozen=True)
class EventSubject:
    """One event to look at: its file and text now, its earlier texts by the place that holds them.

    `versions` are those that the dataset has, under all its names. `is_new` says whether the base lacks it, or
    HEAD where staged ones are looked at; None where nothing tells.
    """

    file: str
    dataset: str
    text: bytes | None
    earlier: Mapping[str, bytes]
    versions: Collection[Version]
    is_new: bool | None = None

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.file.rpartition("/")[2]

    def finding(self, check: Check, status: Status, message: str, **more: object) -> Finding:
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


def check_stages(dataset: str, standing: Standing) -> list[Finding]:
    """The stages of a dataset that point to what is found no more."""
    found = []
    for stage, version in sorted(standing.stages.items()):
        status = standing.status(version)
        if status.withdrawn:
            said = f"{stage} points to {dataset}@{version}, which is {status.value}"
            found.append(Finding(WITHDRAWN_STAGE, Status.WARNING, said, dataset=dataset, version=str(version)))
    return found


def check_event(subject: EventSubject, *, stages: Sequence[str] = ()) -> list[Finding]:
    """Everything there is to say about one event; `stages` are those of the project, none allowing any."""
    findings = list(_unchanged(subject))
    if subject.text is None:
        return findings
    text = subject.text.replace(b"\r\n", b"\n")  # where git was told to write the line ends of Windows
    try:
        event = load_event(text, file=subject.file).value
    except BadManifestError as error:
        return [*findings, *_malformed(subject, error)]
    findings += [*_place(subject, event, text), *_kind(subject, event), *_stage(subject, event, stages)]
    return findings or [subject.finding(EVENT_READS, Status.PASSED, "is as it was written, and about what is there")]


def _unchanged(subject: EventSubject) -> Iterator[Finding]:
    for place, text in subject.earlier.items():
        if subject.text is None:
            yield subject.finding(EVENT_STANDS, Status.FAILED, f"is gone, but {place} has it")
        elif text != subject.text:
            yield subject.finding(EVENT_STANDS, Status.FAILED, f"differs from what {place} has")
        else:
            continue
        return


def _malformed(subject: EventSubject, error: BadManifestError) -> Iterator[Finding]:
    problems: Sequence[Mapping[str, object]] = error.details.get("problems", [])
    if not problems:
        yield subject.finding(EVENT_READS, Status.FAILED, error.message)
    for problem in problems:
        message = f"{problem.get('path') or 'the file'}: {problem.get('message')}"
        yield subject.finding(EVENT_READS, Status.FAILED, message, line=problem.get("line"))


def _place(subject: EventSubject, event: Event, text: bytes) -> Iterator[Finding]:
    if event.dataset != subject.dataset:
        said = f"is about {event.dataset}"
        yield subject.finding(EVENT_PLACE, Status.FAILED, said, value=event.dataset, limit=subject.dataset)
    expected = event_file_name(event, text)
    if subject.name != expected:
        said = "its name is not that of its time, kind and content"
        yield subject.finding(EVENT_PLACE, Status.FAILED, said, value=subject.name, limit=expected)


def _stage(subject: EventSubject, event: Event, stages: Sequence[str]) -> Iterator[Finding]:
    """Whether the project knows the stage of a new promotion; of an older one it was known then."""
    stage = event.data.get("stage")
    is_known = not stages or stage in stages or not isinstance(stage, str)
    if event.event == Happening.PROMOTE.value and not is_known and subject.is_new is not False:
        status = Status.FAILED if subject.is_new else Status.WARNING
        said = f"stage {shown(stage)} is not in the project's vocabulary"
        yield subject.finding(UNKNOWN_STAGE, status, said, value=stage, limit=", ".join(stages))


def _kind(subject: EventSubject, event: Event) -> Iterator[Finding]:
    """Whether an event of this kind can be about this subject."""
    kind = next((each for each in Happening if each.value == event.event), None)
    version = None if event.version is None else Version.parse(str(event.version))
    if kind is None:
        yield subject.finding(
            UNKNOWN_EVENT, Status.WARNING, f"{event.event} is a kind of event that this dsv does not know"
        )
        return
    if kind in _OF_A_VERSION and version is None:
        yield subject.finding(EVENT_KIND, Status.FAILED, f"{kind.value} is of a version, and it names none")
    if kind in _OF_A_DATASET and version is not None:
        yield subject.finding(
            EVENT_KIND, Status.FAILED, f"{kind.value} is of a dataset, and it names the version {version}"
        )
    if kind in (Happening.PROMOTE, Happening.DEMOTE) and not isinstance(event.data.get("stage"), str):
        yield subject.finding(EVENT_KIND, Status.FAILED, f"{kind.value} names no stage")
    if version is not None and version not in subject.versions:
        status = Status.FAILED if kind.value in COUNTING else Status.WARNING
        yield subject.finding(
            EVENT_SUBJECT, status, f"is about the version {version}, which is not here", value=str(version)
        )
