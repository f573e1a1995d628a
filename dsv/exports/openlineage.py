"""An OpenLineage event: the run that released a version, what it was made from and what it is.

The specification is https://openlineage.io/spec/2-0-2/OpenLineage.json, facets under /spec/facets.
"""

from __future__ import annotations

import uuid
from typing import Any

from dsv.exports.described import Described, Exported, json_text, without_empty
from dsv.model.manifest import LineageEntry, Manifest

PRODUCER = "urn:dsv"
_SPEC = "https://openlineage.io/spec"
_EVENT = f"{_SPEC}/2-0-2/OpenLineage.json"
_RUNS = uuid.UUID("6d1f7a3c-51d0-5a52-9a6c-2f1b8e2f9d11")
"""The namespace in which the id of a release follows from what was released."""


def openlineage(version: Described) -> Exported:
    """A COMPLETE event of the release: its inputs are what the manifest says it was made from."""
    manifest = version.manifest
    namespace = version.address or PRODUCER
    sources = [_input(entry, namespace=namespace, version=version) for entry in manifest.lineage]
    event = {
        "eventType": "COMPLETE",
        "eventTime": manifest.created_at,
        "producer": PRODUCER,
        "schemaURL": f"{_EVENT}#/$defs/RunEvent",
        "run": {
            "runId": str(uuid.uuid5(_RUNS, f"{namespace} {version.ref} {manifest.checksum}")),
            "facets": _run(version),
        },
        "job": {
            "namespace": namespace,
            "name": f"release.{manifest.dataset}",
            "facets": {
                "jobType": _facet(
                    "JobTypeJobFacet", "2-0-4", processingType="BATCH", integration="DSV", jobType="RELEASE"
                )
            },
        },
        "inputs": sources,
        "outputs": [_output(version, namespace=namespace)],
    }
    return Exported(json_text(event))


def _facet(name: str, number: str, **content: Any) -> dict[str, Any]:
    return {"_producer": PRODUCER, "_schemaURL": f"{_SPEC}/facets/{number}/{name}.json#/$defs/{name}", **content}


def _run(version: Described) -> dict[str, Any]:
    """What was released and why it got its number, as a facet of dsv's own."""
    manifest = version.manifest
    made = sorted({each.produced_by for each in manifest.lineage if each.produced_by} | {manifest.produced_by or ""})
    own = without_empty(
        {
            "ref": version.ref,
            "summary": manifest.summary,
            "level": manifest.change.level.word,
            "reasons": list(manifest.change.reasons),
            "createdBy": manifest.created_by,
            "producedBy": [each for each in made if each],
            "treeDigest": manifest.digests.tree,
            "recordsDigest": manifest.digests.records,
            "manifestChecksum": manifest.checksum,
            "gitCommit": version.commit,
            "gitTag": version.git_tag,
        }
    )
    return {"dsv_release": {"_producer": PRODUCER, "_schemaURL": f"{_EVENT}#/$defs/RunFacet", **own}}


def _input(entry: LineageEntry, *, namespace: str, version: Described) -> dict[str, Any]:
    """A source of the version. How many of its records were read is what was taken over, changed or left out of it."""
    dataset, _, number = entry.ref.rpartition("@")
    counts = [entry.inherited, entry.modified, entry.removed]
    facets = {"version": _facet("DatasetVersionDatasetFacet", "1-0-1", datasetVersion=number)}
    known = version.ancestors.get(entry.ref) if not entry.repository else None
    if known is not None:
        facets |= _facets(known)
    found: dict[str, Any] = {
        "namespace": entry.repository or namespace,
        "name": dataset or entry.ref,
        "facets": facets,
    }
    if None not in counts:
        rows = sum(each or 0 for each in counts)
        found["inputFacets"] = {
            "inputStatistics": _facet("InputStatisticsInputDatasetFacet", "1-0-0", rowCount=rows),
            "dsv_relation": {
                "_producer": PRODUCER,
                "_schemaURL": f"{_EVENT}#/$defs/InputDatasetFacet",
                **without_empty({"relation": entry.relation, "producedBy": entry.produced_by, "note": entry.note}),
                "inherited": entry.inherited,
                "new": entry.new,
                "modified": entry.modified,
                "removed": entry.removed,
            },
        }
    return found


def _output(version: Described, *, namespace: str) -> dict[str, Any]:
    manifest = version.manifest
    statistics = {
        "rowCount": manifest.data.records,
        "size": manifest.data.bytes,
        "fileCount": manifest.data.files,
    }
    facets = {
        "version": _facet("DatasetVersionDatasetFacet", "1-0-1", datasetVersion=str(manifest.version)),
        "datasetType": _facet("DatasetTypeDatasetFacet", "1-0-1", datasetType="FILE"),
        **_facets(manifest),
    }
    if version.description.strip():
        facets["documentation"] = _facet(
            "DocumentationDatasetFacet", "1-1-0", description=version.description, contentType="text/plain"
        )
    if version.owners:
        facets["ownership"] = _facet(
            "OwnershipDatasetFacet", "1-0-1", owners=[{"name": each, "type": "MAINTAINER"} for each in version.owners]
        )
    if manifest.tags:
        facets["tags"] = _facet(
            "TagsDatasetFacet",
            "1-0-0",
            tags=[{"key": each, "value": "true", "source": "USER"} for each in manifest.tags],
        )
    return {
        "namespace": namespace,
        "name": manifest.dataset,
        "facets": facets,
        "outputFacets": {
            "outputStatistics": _facet("OutputStatisticsOutputDatasetFacet", "1-0-2", **statistics),
        },
    }


def _facets(manifest: Manifest) -> dict[str, Any]:
    """What holds for a version as input and as output: its fields, in their order."""
    fields = [
        without_empty({"name": each.name, "type": "|".join(each.types)}) | {"ordinal_position": position}
        for position, each in enumerate(manifest.fields, start=1)
    ]
    return {"schema": _facet("SchemaDatasetFacet", "1-2-0", fields=fields)} if fields else {}
