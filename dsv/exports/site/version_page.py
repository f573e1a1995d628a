"""A version to look at: a page that stands by itself, or what a page of the site has between its head and its foot."""

from __future__ import annotations

from dsv.exports.html import page, prose
from dsv.exports.site import version_parts as parts
from dsv.exports.site.change_parts import what_changed
from dsv.exports.site.facts import Addresses, DatasetFacts, Nowhere, VersionFacts
from dsv.exports.style import STYLE
from dsv.model.lineage import Lineage

_HISTOGRAMS = 6


def version_report(version: VersionFacts, dataset: DatasetFacts, graph: Lineage) -> str:
    """The page of one version, in one file. Nothing in it runs or is loaded from elsewhere; all data in it is text."""
    body = "\n".join(filter(None, [parts.title(version, Nowhere()), _main(version, dataset, graph)]))
    return page(f"{version.ref}", body, style=STYLE)


def _main(version: VersionFacts, dataset: DatasetFacts, graph: Lineage) -> str:
    nowhere = Nowhere()
    sections = [
        parts.at_a_glance(version),
        _about(dataset),
        parts.growth(dataset),
        what_changed(version, nowhere),
        parts.splits(version),
        parts.fields(version, histograms=_HISTOGRAMS),
        parts.scores(version),
        parts.lineage(version, graph, nowhere),
        parts.checks(version, dataset),
        parts.samples(version),
        parts.what_people_say(version),
        parts.history(version),
        parts.proof(version),
    ]
    return "<main>\n" + "\n".join(filter(None, sections)) + "\n</main>"


def _about(dataset: DatasetFacts) -> str:
    return f"<p>{prose(dataset.description)}</p>" if dataset.description else ""


def version_body(version: VersionFacts, dataset: DatasetFacts, graph: Lineage, addresses: Addresses) -> str:
    """The same for the site, where the dataset has a page of its own that tells how it grew."""
    sections = [
        parts.title(version, addresses),
        parts.at_a_glance(version),
        what_changed(version, addresses),
        parts.splits(version),
        parts.fields(version, histograms=0),
        parts.scores(version),
        parts.lineage(version, graph, addresses),
        parts.checks(version, dataset),
        parts.samples(version),
        parts.what_people_say(version),
        parts.history(version),
        parts.proof(version),
    ]
    return "\n".join(filter(None, sections))
