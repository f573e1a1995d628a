"""Croissant 1.1: a version as schema.org's Dataset, its files, and its records as record sets.

The specification is http://mlcommons.org/croissant/1.1; the context is the one of its appendix. Two terms are there
besides: PROV's, for what the version was made from, and those that mlcroissant wants to see in a context.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from dsv.exports.croissant_records import record_set, splits_record_set, why_no_records
from dsv.exports.described import Contents, Described, Exported, iri, json_text, place, without_empty
from dsv.exports.licenses import license_url
from dsv.exports.media_types import BY_FORMAT, media_type
from dsv.exports.selecting import selecting
from dsv.model.table import DataFile, Table, table_names

_CONFORMS_TO = "http://mlcommons.org/croissant/1.1"
_RAI = "http://mlcommons.org/croissant/RAI/1.0"

_TERMS = (
    "annotation",
    "arrayShape",
    "citeAs",
    "column",
    "containedIn",
    "equivalentProperty",
    "excludes",
    "extract",
    "field",
    "fileProperty",
    "fileObject",
    "fileSet",
    "format",
    "includes",
    "isArray",
    "isLiveDataset",
    "jsonPath",
    "key",
    "md5",
    "parentField",
    "path",
    "recordSet",
    "references",
    "regex",
    "repeated",
    "replace",
    "readLines",
    "samplingRate",
    "sdVersion",
    "separator",
    "source",
    "subField",
    "transform",
    "unArchive",
    "value",
)
_MEDIA_TYPES = {"jsonl": "application/jsonlines", "parquet": "application/x-parquet"}
"""Where the reference implementation knows a format by another name than the one that is registered."""

_RAI_FACTS = {
    "source": "rai:dataCollection",
    "annotation_method": "rai:dataAnnotationProtocol",
    "annotators": "rai:dataAnnotationPlatform",
    "inter_annotator_agreement": "rai:dataAnnotationAnalysis",
    "limitations": "rai:dataLimitations",
    "biases": "rai:dataBiases",
    "use_cases": "rai:dataUseCases",
    "personal_information": "rai:personalSensitiveInformation",
}


def croissant(version: Described, contents: Contents) -> Exported:
    """The metadata of an export whose files lie below `data/`, beside this document."""
    manifest = version.manifest
    rai = {term: value for name, term in _RAI_FACTS.items() if (value := version.fact(name))}
    if "rai:dataAnnotationAnalysis" in rai:
        rai["rai:dataAnnotationAnalysis"] = f"inter-annotator agreement: {rai['rai:dataAnnotationAnalysis']}"
    head = {
        "@context": _context(),
        "@type": "sc:Dataset",
        "conformsTo": [_CONFORMS_TO, _RAI] if rai else _CONFORMS_TO,
        "name": manifest.dataset,
        "description": version.text,
        "version": str(manifest.version),
        "license": license_url(version.license)
        or (version.license and {"@type": "sc:CreativeWork", "name": version.license}),
        "url": version.url,
        "creator": [
            without_empty({"@type": "sc:Person", "name": each.name, "email": each.email}) for each in version.people
        ],
        "datePublished": manifest.created_at,
        "keywords": version.keywords,
        "inLanguage": version.fact("language"),
        "citeAs": version.fact("citation"),
        "identifier": version.ref,
        "prov:wasDerivedFrom": [
            without_empty({"@id": f"urn:dsv:version:{iri(each.ref)}", "prov:label": each.ref, "url": each.repository})
            for each in manifest.lineage
        ],
        **rai,
    }
    distribution, sources = _distribution(contents)
    named = list(zip(table_names(contents.tables), contents.tables, strict=True))
    described = [(name, table) for name, table in named if not why_no_records(table)]
    sets = [
        record_set(version, name, table, source=source, count=_count(version, table, contents))
        for (name, table), source in zip(named, sources, strict=True)
        if (name, table) in described
    ]
    splits = list(dict.fromkeys(table.split for _, table in described if table.split is not None))
    document = without_empty(head) | {"distribution": distribution}
    if sets:
        document["recordSet"] = [*([splits_record_set(splits)] if splits else []), *sets]
    return Exported(json_text(document), list(_notes(version, contents)))


def _count(version: Described, table: Table, contents: Contents) -> int | None:
    """How many records the table has, where its split is in no other one."""
    same = [each for each in contents.tables if each.split == table.split and not each.is_opaque]
    return version.manifest.splits.get(table.split) if table.split is not None and same == [table] else None


def _context() -> dict[str, Any]:
    own = {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "sc": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "dct": "http://purl.org/dc/terms/",
        "prov": "http://www.w3.org/ns/prov#",
        "conformsTo": "dct:conformsTo",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "examples": {"@id": "cr:examples", "@type": "@json"},
        "name": {"@container": "@language"},
        "description": {"@container": "@language"},
    }
    return dict(sorted({**own, **{term: f"cr:{term}" for term in _TERMS}}.items()))


def _distribution(contents: Contents) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """All files by path and a set for each table of several; and what the fields of each table name as their source."""
    formats = {file.path: _media_type(table, file) for table in contents.tables for file in table.files}
    objects = [_file_object(file, formats[file.path]) for file in contents.files]
    sets, sources = [], []
    paths = [place(file) for file in contents.files]
    for name, table in zip(table_names(contents.tables), contents.tables, strict=True):
        if len(table.files) == 1:
            sources.append({"fileObject": {"@id": _id(table.files[0])}})
            continue
        own = [place(file) for file in table.files]
        sets.append(
            {
                "@type": "cr:FileSet",
                "@id": f"{iri(name)}-files",
                "name": f"{name}-files",
                "encodingFormat": sorted({formats[file.path] for file in table.files}),
                "includes": selecting(own, among=paths),
            }
        )
        sources.append({"fileSet": {"@id": f"{iri(name)}-files"}})
    return [*objects, *sets], sources


def _file_object(file: DataFile, kind: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": _id(file),
        "name": file.path,
        "contentUrl": place(file),
        "contentSize": f"{file.size} B",
        "encodingFormat": kind,
        "sha256": file.sha256,
    }


def _id(file: DataFile) -> str:
    return iri(place(file))


def _media_type(table: Table, file: DataFile) -> str:
    if table.is_opaque:
        return media_type(file.path)
    return _MEDIA_TYPES.get(table.format) or BY_FORMAT.get(table.format) or media_type(file.path)


def _notes(version: Described, contents: Contents) -> Iterator[str]:
    missing: Sequence[tuple[str, str]] = (
        ("license", version.license),
        ("url", version.url),
    )
    for name, value in missing:
        if not value:
            stated = f"metadata: {{{name}: ...}} in dataset.yaml, or --meta {name}=... at a release"
            yield f"Croissant wants a {name}: {stated}"
    for table in contents.tables:
        reason = why_no_records(table)
        if reason and not table.is_opaque:
            yield f"{table.shown}: described as files only, because {reason}"
