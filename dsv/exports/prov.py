"""PROV-JSON: versions as entities, releases and runs as activities, people as agents.

The form is https://www.w3.org/submissions/prov-json/, the vocabulary that of PROV-DM.
"""

from __future__ import annotations

from typing import Any

from dsv.exports.described import Described, Exported, Person, iri, json_text, without_empty
from dsv.model.manifest import Manifest
from dsv.model.source import PREVIOUS


def prov(version: Described) -> Exported:
    """The version, all that it was made from as far as it is known here, and who did it when."""
    document = _Document(version)
    return Exported(json_text(document.value()))


class _Document:
    """The sections of the document as they come together."""

    def __init__(self, version: Described) -> None:
        self._version = version
        self._manifests = {**version.ancestors, version.ref: version.manifest}
        self._sections: dict[str, dict[str, Any]] = {}

    def value(self) -> dict[str, Any]:
        """All of it; the lineage leads from parents to children, so the order of edges is that of the manifests."""
        lineage = self._version.lineage
        for ref in sorted({self._version.ref, *lineage.nodes}):
            self._add("entity", _name("version", ref), self._entity(ref))
            if (manifest := self._manifests.get(ref)) is not None:
                self._release(ref, manifest)
        for edge in sorted(lineage.edges, key=lambda each: (each.child, each.parent, each.relation)):
            derived = {
                "prov:generatedEntity": _name("version", edge.child),
                "prov:usedEntity": _name("version", edge.parent),
                "dsv:relation": edge.relation,
                **{
                    f"dsv:{name}": getattr(edge, name)
                    for name in ("inherited", "new", "modified", "removed")
                    if getattr(edge, name) is not None
                },
            }
            if edge.relation == PREVIOUS:
                derived["prov:type"] = _qualified("prov:Revision")
            self._relate("wasDerivedFrom", derived)
            if edge.child in self._manifests:
                self._relate(
                    "used",
                    {"prov:activity": _name("release", edge.child), "prov:entity": _name("version", edge.parent)},
                )
            if edge.produced_by:
                self._run(edge.child, edge.produced_by)
        if self._version.manifest.produced_by:
            self._run(self._version.ref, self._version.manifest.produced_by)
        prefixes = {
            "dsv": "urn:dsv:",
            "version": "urn:dsv:version:",
            "release": "urn:dsv:release:",
            "run": "urn:dsv:run:",
            "person": "urn:dsv:person:",
        }
        return {"prefix": prefixes, **self._sections}

    def _entity(self, ref: str) -> dict[str, Any]:
        manifest, node = self._manifests.get(ref), self._version.lineage.nodes.get(ref)
        found: dict[str, Any] = {"prov:type": _qualified("dsv:DatasetVersion"), "prov:label": ref}
        if manifest is not None:
            found |= {
                "dsv:dataset": manifest.dataset,
                "dsv:version": str(manifest.version),
                "dsv:treeDigest": manifest.digests.tree,
                "dsv:recordsDigest": manifest.digests.records,
                "dsv:manifestChecksum": manifest.checksum,
                "dsv:records": manifest.data.records,
                "dsv:files": manifest.data.files,
                "dsv:bytes": manifest.data.bytes,
            }
        if node is not None:
            found |= without_empty({"dsv:repository": node.repository, "dsv:status": node.status})
        if ref == self._version.ref:
            found |= without_empty(
                {
                    "dsv:summary": self._version.manifest.summary,
                    "dsv:description": self._version.description,
                    "dsv:license": self._version.license,
                    "dsv:repository": self._version.address,
                    "dsv:gitTag": self._version.git_tag or "",
                    "dsv:gitCommit": self._version.commit or "",
                }
            )
        return found

    def _release(self, ref: str, manifest: Manifest) -> None:
        """The release of the version, and who did it."""
        moment = {"prov:startTime": manifest.created_at, "prov:endTime": manifest.created_at}
        self._add("activity", _name("release", ref), {"prov:label": f"release of {ref}", **moment})
        person = Person.parse(manifest.created_by)
        agent = _name("person", person.email or person.name)
        self._add(
            "agent",
            agent,
            without_empty(
                {"prov:type": _qualified("prov:Person"), "prov:label": person.name, "dsv:email": person.email}
            ),
        )
        self._relate(
            "wasGeneratedBy",
            {
                "prov:entity": _name("version", ref),
                "prov:activity": _name("release", ref),
                "prov:time": manifest.created_at,
            },
        )
        self._relate("wasAssociatedWith", {"prov:activity": _name("release", ref), "prov:agent": agent})
        self._relate("wasAttributedTo", {"prov:entity": _name("version", ref), "prov:agent": agent})

    def _run(self, ref: str, produced_by: str) -> None:
        """The run that made the data, of which the release was told."""
        run = _name("run", produced_by)
        self._add("activity", run, {"prov:label": produced_by, "prov:type": _qualified("dsv:Run")})
        if ref in self._manifests:
            self._relate("wasInformedBy", {"prov:informed": _name("release", ref), "prov:informant": run})

    def _add(self, section: str, name: str, value: dict[str, Any]) -> None:
        self._sections.setdefault(section, {})[name] = value

    def _relate(self, section: str, value: dict[str, Any]) -> None:
        relations = self._sections.setdefault(section, {})
        if value not in relations.values():
            relations[f"_:{section}{len(relations) + 1}"] = value


def _name(prefix: str, text: str) -> str:
    """A qualified name."""
    return f"{prefix}:{iri(text)}"


def _qualified(name: str) -> dict[str, str]:
    return {"$": name, "type": "prov:QUALIFIED_NAME"}
