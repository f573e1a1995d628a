"""A session with a registry of SFT datasets, as one writes it with dsv: no server, no password, nothing typed in twice.

    python examples/sft_registry/session.py [DIR]      DIR is new or empty

Conversations of a technical agent come out of a backtest, are scored, judged and filtered; the filtered ones are a
dataset of their own, which knows what it was made from, by which run, and how many examples came along.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dsv
from dsv.api import Repo

HERE = Path(__file__).resolve().parent
THRESHOLD = 0.7


def get_db_connection(directory: Path) -> Repo:
    """What opens the registry: a git repository, here a new one."""
    directory.mkdir(parents=True, exist_ok=True)
    if any(directory.iterdir()):
        sys.exit(f"{directory} is not empty: name a directory that is new or empty")
    dsv.init(str(directory), git=True)
    return dsv.open(directory)


def write_trajectories(repo: Repo) -> None:
    """What the backtest left: conversations of the technical agent, in one file."""
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([sys.executable, HERE.parent / "chat" / "generate.py", scratch], check=True, capture_output=True)
        lines = [path.read_text() for path in sorted(Path(scratch, "technical").glob("train-*.jsonl"))]
    data = Path(repo.root, "data/trajectories")
    data.mkdir(parents=True)
    (data / "technical.jsonl").write_text("".join(lines))


def create_dataset(repo: Repo) -> None:
    """A dataset of an agent type, and its first version; size, hash, count and tokens are computed."""
    release = repo.add(
        "data/trajectories",
        type="technical",
        description="Conversations of the technical analysis agent",
        summary="Initial release",
        tags=["production", "validated"],
        produced_by="backtest:test_001",
    )
    data = release.manifest.data
    print(f"{release.dataset}@{release.version}: {data.records} examples, {data.bytes:,} bytes")
    for dataset in repo.list(status="active", type="technical").datasets:
        print(f"listed: {dataset.name}, latest {dataset.latest}")


def metrics_of(repo: Repo) -> Iterator[dict[str, Any]]:
    """What a program measured of each example, by its place in the file."""
    lines = Path(repo.root, "data/trajectories/technical.jsonl").read_text().splitlines()
    for index, example in enumerate(map(json.loads, lines)):
        length = sum(len(message["content"]) for message in example["messages"])
        yield {
            "example_index": index,
            "quality_score": min(1.0, length / 600),
            "reward_score": 0.9,
            "confidence_score": 0.8,
            "trajectory_id": example["trajectory_id"],
            "symbol": example["symbol"],
            "agent_type": example["agent_type"],
        }


def create_quality_metrics(repo: Repo) -> None:
    """A batch of metrics, then the verdict of a judge on one example: each scorer has scores of its own."""
    batch = repo.quality.import_("trajectories@1.0.0", metrics_of(repo), scorer="heuristics", by="index")
    print(f"{batch.rows} metrics by {batch.scorer.id}")
    verdict = {"judge_score": 0.9, "judge_passed": True, "judge_feedback": "Excellent reasoning"}
    repo.quality.import_("trajectories@1.0.0", [{"example_index": 0, **verdict}], scorer="judge-a", by="index")
    [heuristics, judge] = repo.quality.show("trajectories@1.0.0").scorers
    quality = heuristics.whole.numbers["quality_score"]
    print(f"mean quality {quality.mean:.2f} of {quality.n} examples")
    print(f"{judge.whole.n} judged, {judge.whole.pass_rate:.0%} passed")


def create_filtered(repo: Repo) -> None:
    """What passed the threshold, as a dataset that was made from the trajectories; the counts are computed."""
    kept = repo.quality.query("trajectories@1.0.0", f"quality_score >= {THRESHOLD}", with_records=True)
    data = Path(repo.root, "data/technical")
    data.mkdir(parents=True)
    with (data / "train.jsonl").open("w") as file:
        file.writelines(json.dumps(row["record"]) + "\n" for row in kept.document()["rows"])
    repo.add(
        "data/technical",
        type="technical",
        template="sft_chat",
        description="Technical analysis, filtered by a judge",
        summary="The conversations above the threshold",
        tags=["production"],
        metadata={
            "source": "backtest",
            "annotation_method": "judge",
            "annotators": ["heuristics"],
            "inter_annotator_agreement": 1.0,
            "regulations_applicable": [],
        },
        sources=["trajectories@1.0.0:judge_filter"],
        produced_by="backtest:test_001",
        notes=[f"Filtered by judge threshold {THRESHOLD}"],
    )
    for edge in repo.lineage("technical@1.0.0").document()["edges"]:
        print(f"{edge['child']} <- {edge['parent']}: {edge['relation']}, {edge['produced_by']}")
        print(f"  {edge['inherited']} inherited, {edge['new']} new, {edge['removed']} left out")


def look_around(repo: Repo) -> None:
    """Search by a part of a word, the latest of all, and the life of a dataset."""
    for result in repo.search("techn").results:
        print(f"found: {result.dataset}@{result.version}")
    repo.archive("trajectories", reason="all of it is filtered now")
    print(f"active: {', '.join(dataset.name for dataset in repo.list().datasets)}")
    repo.restore("trajectories")
    print(f"intact: {repo.verify('technical').ok}")


def main() -> None:
    """The session, from the beginning to the end."""
    repo = get_db_connection(Path(sys.argv[1] if sys.argv[1:] else tempfile.mkdtemp()))
    print(f"The session plays in {repo.root}")
    write_trajectories(repo)
    create_dataset(repo)
    create_quality_metrics(repo)
    create_filtered(repo)
    look_around(repo)


if __name__ == "__main__":
    main()
