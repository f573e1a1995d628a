"""A version to look at: a page that stands by itself, or what a page of the site has between its head and its foot."""

from __future__ import annotations

from dsv.exports.diff_html import records_html
from dsv.exports.html import page, prose
from dsv.exports.site import version_parts as parts
from dsv.exports.site.change_parts import what_changed
from dsv.exports.site.facts import Addresses, DatasetFacts, Nowhere, VersionFacts
from dsv.exports.style import STYLE
from dsv.model.lineage import Lineage

_HISTOGRAMS = 6


def version_report(version: VersionFacts, dataset: DatasetFacts, graph: Lineage) -> str:
    """The page of one version, in one file. Nothing in it runs or is loaded from elsewhere; all data in it is text."""
    about = f"<p>{prose(dataset.description)}</p>" if dataset.description else ""
    sections = [
        about,
        parts.growth(dataset),
        what_changed(version, Nowhere()),
        records_html(version.changed),
        *_sections(version, dataset, graph, Nowhere(), histograms=_HISTOGRAMS),
    ]
    content = "\n".join(filter(None, [parts.at_a_glance(version), *sections]))
    return page(version.ref, f"{parts.title(version, Nowhere())}\n<main>\n{content}\n</main>", style=STYLE)


def version_body(version: VersionFacts, dataset: DatasetFacts, graph: Lineage, addresses: Addresses) -> str:
    """The same for the site, where other pages tell how the dataset grew, and of all that changed."""
    first = [parts.title(version, addresses), parts.at_a_glance(version), what_changed(version, addresses)]
    return "\n".join(filter(None, [*first, *_sections(version, dataset, graph, addresses, histograms=0)]))


def _sections(
    version: VersionFacts, dataset: DatasetFacts, graph: Lineage, addresses: Addresses, *, histograms: int
) -> list[str]:
    return [
        parts.splits(version),
        parts.fields(version, histograms=histograms),
        parts.scores(version),
        parts.lineage(version, graph, addresses),
        parts.checks(version, dataset),
        parts.samples(version),
        parts.what_people_say(version),
        parts.history(version),
        parts.proof(version),
    ]
