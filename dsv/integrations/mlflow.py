"""MLflow: a version as the dataset that a run used.

    import mlflow
    from dsv.integrations.mlflow import dsv_dataset

    with mlflow.start_run():
        mlflow.log_input(dsv_dataset("leases@1.1.0"), context="training")

MLflow keeps at most 36 characters of a digest; these are the first of the version's tree digest, by which dsv finds it
again (`dsv show leases@sha256:DIGEST`). All of it is in the source, with the reference and where the repository is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dsv.errors import UnsupportedError
from dsv.model.executor import LOCAL
from dsv.model.progress import unseen, untold

try:
    from mlflow.data.dataset import Dataset
    from mlflow.data.dataset_source import DatasetSource
except ModuleNotFoundError:
    raise UnsupportedError(
        "MLflow is not installed, so no run of it can be told of a version", hint='pip install "dsv[mlflow]"'
    ) from None

if TYPE_CHECKING:
    from dsv.model.manifest import Manifest

LONGEST_DIGEST = 36
"""Characters that MLflow's tables have for a digest."""


class DsvSource(DatasetSource):  # type: ignore[misc]  # MLflow's classes have no types here
    """Where a version comes from: its repository, its reference and its digests."""

    def __init__(self, *, repository: str, ref: str, tree: str, records: str, commit: str | None = None) -> None:
        """The version NAME@X.Y.Z of the repository, an address or a path."""
        self.repository = repository
        self.ref = ref
        self.tree = tree
        self.records = records
        self.commit = commit

    @staticmethod
    def _get_source_type() -> str:
        return "dsv"

    def load(self, directory: str | None = None) -> str:
        """The path of a directory with the version's files, each held against its digest.

        Where none is named it is a new one. MismatchError where the repository has another version of that name now.
        """
        import tempfile

        import dsv
        from dsv.errors import MismatchError

        actual = dsv.open(self.repository).show(self.ref).manifest.digests.tree
        if actual != self.tree:
            raise MismatchError(
                f"{self.ref} of {self.repository} has the digest {actual}, and the run used {self.tree}",
                hint="a released version never changes: find out who released it again",
            )
        target = directory or tempfile.mkdtemp(prefix="dsv-")
        dsv.get(self.repository, self.ref, to=target)
        return target

    @staticmethod
    def _can_resolve(raw_source: Any) -> bool:  # noqa: ARG004 - MLflow's form; a text may mean anything
        return False

    @classmethod
    def _resolve(cls, raw_source: Any) -> DsvSource:
        raise NotImplementedError(f"{raw_source!a}: dsv_dataset makes sources of dsv's")

    def to_dict(self) -> dict[str, Any]:
        """As MLflow stores it."""
        return {
            "repository": self.repository,
            "ref": self.ref,
            "tree": self.tree,
            "records": self.records,
            "commit": self.commit,
        }

    @classmethod
    def from_dict(cls, source_dict: dict[Any, Any]) -> DsvSource:
        """The inverse of `to_dict`."""
        texts = {name: str(source_dict[name]) for name in ("repository", "ref", "tree", "records")}
        return cls(**texts, commit=source_dict.get("commit"))


class DsvDataset(Dataset):  # type: ignore[misc]  # likewise
    """A version, as MLflow's `log_input` takes it."""

    def __init__(self, source: DsvSource, manifest: Manifest) -> None:
        """The version of this manifest from the source."""
        self._manifest = manifest
        super().__init__(source=source, name=source.ref)

    def _compute_digest(self) -> str:
        return self._manifest.digests.tree.removeprefix("sha256:")[:LONGEST_DIGEST]

    @property
    def profile(self) -> dict[str, Any]:
        """How much it holds."""
        manifest = self._manifest
        return {
            "num_records": manifest.data.records,
            "num_files": manifest.data.files,
            "num_bytes": manifest.data.bytes,
            "splits": dict(manifest.splits),
            "sha256": manifest.digests.tree,
        }

    @property
    def schema(self) -> None:
        """None: MLflow's schemas have no place for records whose fields have several types."""
        return

    def to_dict(self) -> dict[str, str]:
        """As MLflow stores it."""
        fields = {each.name: "|".join(each.types) for each in self._manifest.fields}
        return {**super().to_dict(), "profile": json.dumps(self.profile), "schema": json.dumps({"fields": fields})}


def dsv_dataset(reference: str, *, repo: str = ".") -> DsvDataset:
    """The version that the reference names in the repository, a path or an address, for `mlflow.log_input`.

    Errors: NoDatasetError, NoVersionError; those of a repository that does not answer.
    """
    import dsv
    from dsv.repository.obtaining.origin import origin

    shown = dsv.open(repo).show(reference)
    manifest = shown.manifest
    source = DsvSource(
        repository=origin(repo, tell=untold, progress=unseen, executor=LOCAL).address,
        ref=f"{manifest.dataset}@{manifest.version}",
        tree=manifest.digests.tree,
        records=manifest.digests.records,
        commit=shown.commit,
    )
    return DsvDataset(source, manifest)
