"""A versioning manager's four examples, as one writes them with dsv: create, update and compare, train, look back.

    python examples/lease_training/session.py [DIR]      DIR is new or empty; training needs scikit-learn

It makes a git repository in DIR, writes 5,000 lease documents into it, releases them, adds 2,000, and trains a model on
each of the two versions.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import dsv
from dsv.api import Repo

HERE = Path(__file__).resolve().parent
NAME = "lease_abstraction_training"
DATA = f"data/{NAME}"


def begin(directory: Path) -> Repo:
    """A git repository in the directory, ready for datasets."""
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()):
        sys.exit(f"{directory} is not empty: name a directory that is new or empty")
    dsv.init(str(directory), git=True)
    return dsv.open(directory)


def write_leases(repo: Repo, *options: str) -> None:
    """The data, from the generator of the lease story beside this one."""
    generator = HERE.parent / "leases" / "generate.py"
    subprocess.run([sys.executable, generator, os.path.join(repo.root, DATA), *options], check=True)


def create_version(repo: Repo) -> None:
    """Example 1: the first version, with what people say of it; sizes, counts and checksums are computed."""
    version_1 = repo.add(
        DATA,
        type="lease_abstraction",
        key=["doc_id"],
        version="1.0.0",
        summary="Initial dataset with 5,000 lease documents",
        tags=["production", "lease_abstraction"],
        metadata={"source": "SEC filings", "annotation_method": "manual", "quality_score": 0.95},
    )
    print(f"Created version {version_1.version}")
    print(f"  Samples: {version_1.manifest.data.records:,}")
    print(f"  Checksum: {version_1.manifest.digests.tree}")


def create_updated_version(repo: Repo) -> None:
    """Example 2: more data; that it is 1.1.0 follows from the records that changed, and nobody types it."""
    version_2 = repo.bump(
        NAME,
        summary="Added 2,000 new lease documents from customer data",
        tags=["production", "lease_abstraction", "customer_data"],
        metadata={"source": "SEC filings, customer data", "annotation_method": "manual", "quality_score": 0.95},
    )
    print(f"Created version {version_2.version}: {version_2.reasons[0]}")
    comparison = repo.diff(f"{NAME}@1.0.0", "1.1.0").document()
    print(f"Added {comparison['sample_difference']:,} samples")
    print(f"Files: {comparison['file_difference']:+d}, bytes: {comparison['size_difference_bytes']:+,d}")
    print(f"Change type: {comparison['level']}")


def query_history(repo: Repo) -> None:
    """Example 4: all versions, and the latest."""
    for version in repo.log(NAME).versions:
        print(f"{version.version}: {version.records:,} samples, {version.created_at}")
    latest = repo.show(NAME).manifest
    print(f"Latest: {latest.version} with {latest.data.records:,} samples")


def train(repo: Repo) -> None:
    """Example 3: a model of each version, which knows what it was trained on, and what each is worth."""
    from pipeline import LeaseAbstractionTrainingPipeline

    pipeline = LeaseAbstractionTrainingPipeline(repo)
    for version in ("1.0.0", "1.1.0"):
        output = Path(repo.root) / "models" / f"lease_abstraction_v{version}"
        model = pipeline.train(NAME, version, str(output))
        right = model.accuracy(repo.load(f"{NAME}@1.1.0"))
        print(f"Trained on {version}: {right:.1%} of the passages in the test leases of 1.1.0 named rightly")


def main() -> None:
    """All four, in the order in which they happen."""
    repo = begin(Path(sys.argv[1] if sys.argv[1:] else tempfile.mkdtemp()))
    print(f"The session plays in {repo.root}")
    write_leases(repo)
    create_version(repo)
    write_leases(repo, "--grow")
    create_updated_version(repo)
    query_history(repo)
    train(repo)


if __name__ == "__main__":
    main()
