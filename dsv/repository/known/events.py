"""Events of HEAD's tree, and how a new one is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from dsv.model.standing import PastEvent, Standing, kind_in, standing_of
from dsv.model.version import Version
from dsv.repository.clock import TIME_FORM, now
from dsv.repository.known.parsed_texts import past_event
from dsv.repository.known.search_index import parsed_events, remember_written
from dsv.repository.writing.transaction import Writing, perform

if TYPE_CHECKING:
    from dsv.model.standing import Happening
    from dsv.repository.known.catalog import Versions
    from dsv.repository.repository import Repository


def past_events(repository: Repository, files: Mapping[str, str]) -> dict[str, PastEvent]:
    """The events in these files of git (path from its root -> blob), by path.

    One that cannot be read, or that tells of another dataset than it lies with, is told of and left out.
    """
    layout = repository.layout
    documents = parsed_events(repository, files.values())
    found = {}
    for path, blob in files.items():
        document = documents.get(blob)
        dataset, file = layout.parse_event_path(layout.from_git(path)) or ("", "")
        if document is None or document["dataset"] != dataset:
            repository.tell(f"{layout.from_git(path)} is no event that can be read, and is left out; see dsv check")
        else:
            found[path] = past_event(document, file=file)
    return found


def told_events(repository: Repository, names: Iterable[str] | None = None) -> list[PastEvent]:
    """Every event in HEAD's tree, runs and scores too, of the datasets with these names, oldest first."""
    git, layout = repository.git, repository.layout
    head = git.head()
    places = [layout.manifests] if names is None else [layout.events(name) for name in names]
    files = {}
    for path, entry in git.tree(head, *map(layout.in_git, places)).items() if head and places else ():
        _, file = layout.parse_event_path(layout.from_git(path)) or ("", "")
        if kind_in(file):
            files[path] = entry.blob
    return sorted(past_events(repository, files).values(), key=lambda each: (each.at, each.dataset, each.file))


@dataclass(frozen=True)
class Recorded:
    """An event that is now in git: its file, the commit that holds it, how its subject stands, the tags made."""

    event: PastEvent
    file: str
    commit: str
    standing: Standing
    tags: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        """As `--json` prints it."""
        version = self.event.version
        status = self.standing.dataset if version is None else self.standing.status(version)
        stages = self.standing.stages if version is None else self.standing.stages_of(version)
        return {
            **self.event.document(),
            "status": status.value,
            "stages": sorted(stages),
            "file": self.file,
            "commit": self.commit,
            "git_tags": list(self.tags),
        }


@dataclass(frozen=True)
class StageTags:
    """Tags that tell GTO of a stage: their messages by name, and the commit of the version that each is about."""

    messages: Mapping[str, str] = field(default_factory=dict)
    commits: Mapping[str, str] = field(default_factory=dict)


NO_TAGS = StageTags()


def record(
    repository: Repository,
    kind: Happening,
    versions: Versions,
    *,
    version: Version | None,
    reason: str,
    words: str,
    data: Mapping[str, Any] | None = None,
    tags: StageTags = NO_TAGS,
    beside: Writing | None = None,
) -> Recorded:
    """The event, happening now, in one commit with what is written `beside` it; `words` say it for the commit.

    The caller holds the lock.
    """
    event, content = new_event(
        repository,
        kind,
        dataset=versions.dataset,
        version=version,
        reason=reason,
        standing=versions.standing,
        data=data,
    )
    file = f"{repository.layout.events(versions.dataset)}/{event.file}"
    more = beside or Writing("", "")
    writing = replace(
        more,
        operation=f"{kind.value} of {event.subject}",
        message=event_message(event, words),
        own={**more.own, file: content},
        tags=tags.messages,
        elsewhere=tags.commits,
    )
    commit = perform(repository, writing)
    remember_written(repository, events=[content])
    return Recorded(event, file, commit, standing_of([*versions.standing.events, event]), tuple(tags.messages))


def event_message(event: PastEvent, words: str) -> str:
    """The message of the commit that brings the event."""
    first, _, rest = event.reason.strip().partition("\n")
    subject = f"{words}: {first}" if first else words
    trailer = f"Dsv-Event: {event.event} {event.subject}"
    return "\n\n".join(part for part in (subject, rest.strip(), trailer) if part) + "\n"


def new_event(
    repository: Repository,
    kind: Happening,
    *,
    dataset: str,
    version: Version | None,
    reason: str,
    standing: Standing,
    data: Mapping[str, Any] | None = None,
) -> tuple[PastEvent, bytes]:
    """An event that happens now, with the content of its file; BadManifestError for a text that cannot stand in one."""
    from dsv.model.documents import checked, plain
    from dsv.model.event import Event, dump_event, event_file_name

    value = {
        "schema": 1,
        "event": kind.value,
        "dataset": dataset,
        "version": version,
        "at": _after(standing),
        "by": str(repository.git.identity()),
        "reason": reason,
        "data": dict(data or {}),
    }
    with checked(f"{kind.value} of {dataset}"):
        event = Event.model_validate(value)
    content = dump_event(event)
    return past_event(plain(event), file=event_file_name(event, content)), content


def _after(standing: Standing) -> str:
    """Now, but later than every event so far: their times are what tells their order."""
    moment = now()
    last = max((each.at for each in standing.events), default="")
    if moment > last:
        return moment
    try:
        next_second = datetime.strptime(last, TIME_FORM).replace(tzinfo=timezone.utc) + timedelta(seconds=1)
    except OverflowError:
        return last
    return next_second.strftime(TIME_FORM)
