"""What git says of manifests, events and declarations without opening the first two: where each is, who brought it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from dsv.adapters.git.ancestry import not_in_past
from dsv.adapters.index import Arrival, Told
from dsv.model.renames import Renames
from dsv.model.standing import Happening, PastEvent, kind_in
from dsv.repository.clock import written
from dsv.repository.known.stamps import digest
from dsv.repository.repository import Repository


@dataclass(slots=True)
class Origin:
    """What git says of one file: its blob in HEAD's tree, its release tag (name, id), and who brought it.

    `dataset` is the name that its directory has. Of several commits that brought it those that HEAD leads to come
    first, then the earlier ones. `deleted` when one of them did, and HEAD's tree has the file no more.
    """

    path: str
    dataset: str
    head: str | None = None
    tag: tuple[str, str] | None = None
    arrivals: list[Arrival] = field(default_factory=list)
    deleted: bool = False

    @property
    def blob(self) -> str:
        """The text that counts, as long as no tag says otherwise: HEAD's, else the one that came first."""
        return self.head or self.arrivals[0].blob

    def told(self, blob: str) -> Told:
        """How this text of the file came into git."""
        first = next((each for each in self.arrivals if each.blob == blob), self.arrivals[0])
        edited = any(each.blob != self.arrivals[0].blob for each in self.arrivals)
        return Told(blob, first.commit, first.author, _time(first.committed), edited, self.deleted)

    @property
    def everything(self) -> str:
        """All of it, to tell whether something differs."""
        brought = " ".join([f"{each.blob} {each.commit}" for each in self.arrivals])
        return f"{self.head} {self.tag} {self.deleted} {brought}"


ReadEvents = Callable[[Iterable[Origin]], Mapping[str, PastEvent]]
"""Gives the events in those of the files that can be read, by path."""


class Origins:
    """All manifests by dataset and version text, all events by dataset and path, all declarations' blobs by dataset.

    A dataset that was renamed is one, with the files of all its names. Events of every kind are there, also those that
    HEAD's tree does not hold.
    """

    def __init__(
        self, repository: Repository, references: str, *, arrivals: Iterable[Arrival], read_events: ReadEvents
    ) -> None:
        """See all that the references lead to."""
        self._repository = repository
        commit, _, name = references.partition("\n")[0].partition(" ")
        self.head = commit if name == "HEAD" else None
        self.manifests: dict[str, dict[str, Origin]] = {}
        self.events: dict[str, dict[str, Origin]] = {}
        self.declarations: dict[str, str] = {}
        self._sort_in(arrivals)
        self._see_head()
        self._see_tags(references)
        self._see_past()
        self._join_names(read_events)

    @property
    def names(self) -> list[str]:
        """Every dataset that is declared, or has a manifest or an event anywhere."""
        return sorted({*self.manifests, *self.declarations, *self.events})

    def sources(self) -> dict[str, str]:
        """For each dataset a digest that differs when anything differs that its rows are made from."""
        found = {}
        for name in self.names:
            manifests = [f"{text} {each.everything}" for text, each in sorted(self.manifests.get(name, {}).items())]
            events = [f"{path} {each.everything}" for path, each in sorted(self.events.get(name, {}).items())]
            # no part holds a NUL: git has none in names
            found[name] = digest("\0".join([str(self.declarations.get(name)), *manifests, "", *events]))
        return found

    def _sort_in(self, arrivals: Iterable[Arrival]) -> None:
        layout = self._repository.layout
        for arrival in dict.fromkeys(arrivals):
            path = layout.from_git(arrival.path)
            if named := layout.parse_manifest_path(path):
                dataset, key = named
                place = self.manifests
            else:
                dataset, _ = layout.parse_event_path(path) or ("", "")
                key, place = arrival.path, self.events
            origin = place.setdefault(dataset, {}).setdefault(key, Origin(arrival.path, dataset))
            origin.arrivals.append(arrival)

    def _see_head(self) -> None:
        git, layout = self._repository.git, self._repository.layout
        for path, entry in git.tree(self.head, layout.in_git(layout.manifests)).items() if self.head else ():
            dataset, _, file = layout.from_git(path)[len(layout.manifests) + 1 :].partition("/")
            if file == "dataset.yaml":
                self.declarations[dataset] = entry.blob
            elif file.startswith("events/"):
                if origin := self.events.get(dataset, {}).get(path):
                    origin.head = entry.blob
            elif origin := self.manifests.get(dataset, {}).get(file.removesuffix(".yaml")):
                origin.head = entry.blob

    def _see_tags(self, references: str) -> None:
        start = f"refs/tags/{self._repository.layout.tag('', '').removesuffix('@v')}"
        for line in filter(None, references.split("\n")):
            identity, _, name = line.partition(" ")
            if name.startswith(start):
                dataset, _, text = name[len(start) :].rpartition("@v")
                if origin := self.manifests.get(dataset, {}).get(text):
                    origin.tag = (name.removeprefix("refs/tags/"), identity)

    def _see_past(self) -> None:
        """Which of the commits that brought a file HEAD leads to, where that makes a difference."""
        every = [
            origin for place in (self.manifests, self.events) for each in place.values() for origin in each.values()
        ]
        unclear = [origin for origin in every if origin.head is None or len(origin.arrivals) > 1]
        commits = {each.commit for origin in unclear for each in origin.arrivals}
        beyond = not_in_past(self._repository.git, self.head, commits=commits) if self.head and commits else commits
        for origin in unclear:
            origin.arrivals.sort(key=lambda each: (each.commit in beyond, each.committed, each.commit))
            origin.deleted = origin.head is None and origin.arrivals[0].commit not in beyond

    def _join_names(self, read_events: ReadEvents) -> None:
        """What lies under a former name of a dataset belongs to its present one."""
        rename = Happening.RENAME.value
        files = [
            (dataset, origin)
            for dataset, events in self.events.items()
            for path, origin in events.items()
            if origin.head is not None and kind_in(path.rpartition("/")[2]) == rename
        ]
        if not files:
            return
        past = read_events([origin for _, origin in files])
        told: dict[str, list[PastEvent]] = {}
        for dataset, origin in files:
            if origin.path in past:
                told.setdefault(dataset, []).append(past[origin.path])
        renames = Renames(told)
        for name in sorted({renames.present(each) for each in told}):
            for other in renames.line(name)[1:]:
                for place in (self.manifests, self.events):
                    place[name] = {**place.pop(other, {}), **place.get(name, {})}


def _time(seconds: int) -> str:
    """The time as files have it; "" where a commit claims one that no calendar has."""
    try:
        return written(seconds)
    except (ValueError, OverflowError, OSError):
        return ""
