"""A training pipeline that takes a dataset by name and version, and stamps its model with what it was trained on.

    python examples/lease_training/pipeline.py lease_abstraction_training 1.1.0 models/leases      in a dsv repository

The model reads a passage of a lease and says which clause it is. It needs scikit-learn.
"""

from __future__ import annotations

import argparse
import json
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline

import dsv

if TYPE_CHECKING:
    from dsv.api import Repo
    from dsv.api.loading import LoadedVersion


def passages(dataset: LoadedVersion) -> Iterator[tuple[str, str]]:
    """The annotated passages of the leases, each with the kind of clause that it is."""
    for lease in dataset.records():
        for clause in lease["clauses"]:
            yield clause["text"], clause["type"]


@dataclass(frozen=True)
class ClauseModel:
    """A classifier of passages."""

    classifier: Pipeline

    def accuracy(self, dataset: LoadedVersion) -> float:
        """The share of the passages in the dataset's test split that it names rightly."""
        texts, kinds = zip(*passages(dataset.split("test")), strict=True)
        return float(self.classifier.score(texts, kinds))


class LeaseAbstractionTrainingPipeline:
    """Trains on a released version, and on nothing else."""

    def __init__(self, repository: Repo) -> None:
        self.repository = repository

    def train(self, dataset_name: str, dataset_version: str, output_dir: str, **options: Any) -> ClauseModel:
        """The model, which lies in the output directory with what it was trained on beside it.

        NoDatasetError or NoVersionError where there is no such version: then nothing is trained.
        """
        dataset = self.repository.load(f"{dataset_name}@{dataset_version}")
        model = self._train_model(dataset.split("train"), **options)
        self._save_model(model, output_dir, dataset)
        return model

    def _train_model(self, dataset: LoadedVersion, *, strength: float = 10.0, words: int = 20_000) -> ClauseModel:
        texts, kinds = zip(*passages(dataset), strict=True)
        classifier = make_pipeline(
            TfidfVectorizer(max_features=words), LogisticRegression(C=strength, max_iter=500, random_state=0)
        )
        return ClauseModel(classifier.fit(texts, kinds))

    def _save_model(self, model: ClauseModel, output_dir: str, dataset: LoadedVersion) -> None:
        directory = Path(output_dir)
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "model.pickle").write_bytes(pickle.dumps(model.classifier))
        # dataset_name, dataset_version, dataset_checksum and training_timestamp
        self.repository.stamp(output_dir, dataset.ref)


def main() -> None:
    """One training, from the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("dataset_name")
    parser.add_argument("dataset_version")
    parser.add_argument("output_dir")
    asked = parser.parse_args()
    repo = dsv.open()
    model = LeaseAbstractionTrainingPipeline(repo).train(**vars(asked))
    test = repo.load(f"{asked.dataset_name}@{asked.dataset_version}")
    print(json.dumps({"accuracy": round(model.accuracy(test), 4)}))


if __name__ == "__main__":
    main()
