"""The views of the index, in SQL that PostgreSQL understands too."""

from __future__ import annotations

from dataclasses import dataclass

DEPTH = 100
"""How many steps the view of lineage goes up: what names itself as its parent ends there."""


@dataclass(frozen=True)
class View:
    """A view: what it shows, and by which query."""

    name: str
    about: str
    select: str


VIEWS = (
    View(
        "v_latest_versions",
        "The latest version of every dataset: the highest that is neither a pre-release nor yanked nor removed.",
        """\
SELECT v.* FROM datasets AS d JOIN dataset_versions AS v ON v.id = (
    SELECT c.id FROM dataset_versions AS c
    WHERE c.repository = d.repository AND c.dataset = d.name AND c.known = 1 AND c.prerelease = ''
        AND c.status NOT IN ('yanked', 'removed')
    ORDER BY c.sort_key DESC LIMIT 1
)""",
    ),
    View(
        "v_latest_datasets",
        "The latest version of all active datasets, with how many versions are known and when the newest was released.",
        """\
SELECT d.repository, d.name AS dataset, l.version, d.type, d.format, d.status, d.path, d.description, d.owners,
    d.stages, l.records, l.files, l.bytes, l.tokens, l.quality_score, l.judge_pass_rate, l.validation, l.created_at,
    l.created_by, l.summary, l.tags, l.tree_digest, l.git_tag, l.commit_id, a.versions, a.total_records, a.first_at,
    a.updated_at
FROM datasets AS d JOIN v_latest_versions AS l ON l.repository = d.repository AND l.dataset = d.name
JOIN (
    SELECT repository, dataset, count(*) AS versions, sum(records) AS total_records, min(created_at) AS first_at,
        max(created_at) AS updated_at
    FROM dataset_versions WHERE known = 1 GROUP BY repository, dataset
) AS a ON a.repository = d.repository AND a.dataset = d.name
WHERE d.status NOT IN ('archived', 'removed')""",
    ),
    View(
        "v_dataset_lineage_tree",
        f"""\
The lineage of every version: each step from it, or from one of its ancestors (the child), to a parent.
depth: 1 for its own parents, at most {DEPTH}. parent: as the child's manifest has it; the columns after that are
null where the index does not hold the parent.""",
        f"""\
WITH RECURSIVE walk (root_id, version_id, depth) AS (
    SELECT id, id, 1 FROM dataset_versions
    UNION
    SELECT w.root_id, l.parent_id, w.depth + 1
    FROM walk AS w JOIN dataset_lineage AS l ON l.version_id = w.version_id
    WHERE l.parent_id IS NOT NULL AND w.depth < {DEPTH}
)
SELECT r.repository, r.dataset, r.version, w.depth, c.repository AS child_repository, c.dataset AS child_dataset,
    c.version AS child_version, l.relation, l.inherited, l.new, l.modified, l.removed, l.produced_by, l.parent,
    p.repository AS parent_repository, p.dataset AS parent_dataset, p.version AS parent_version,
    p.records AS parent_records, p.status AS parent_status, p.created_at AS parent_created_at,
    p.tree_digest AS parent_tree_digest, w.root_id, w.version_id AS child_id, l.parent_id
FROM walk AS w JOIN dataset_versions AS r ON r.id = w.root_id JOIN dataset_versions AS c ON c.id = w.version_id
JOIN dataset_lineage AS l ON l.version_id = w.version_id LEFT JOIN dataset_versions AS p ON p.id = l.parent_id""",  # noqa: S608 - a number of ours
    ),
    View(
        "v_quality_metrics_summary",
        "What each scorer said of each version as a whole; n, coverage: of the metric that covers most.",
        """\
SELECT v.repository, v.dataset, v.version, v.records, q.scorer, max(q.model) AS model, max(q.scored_at) AS scored_at,
    max(q.n) AS n, max(q.coverage) AS coverage,
    max(CASE WHEN q.metric = 'quality_score' THEN q.mean END) AS avg_quality_score,
    max(CASE WHEN q.metric = 'quality_score' THEN q.min END) AS min_quality_score,
    max(CASE WHEN q.metric = 'quality_score' THEN q.max END) AS max_quality_score,
    max(CASE WHEN q.metric = 'reward_score' THEN q.mean END) AS avg_reward_score,
    max(CASE WHEN q.metric = 'confidence_score' THEN q.mean END) AS avg_confidence_score,
    max(CASE WHEN q.metric = 'reasoning_score' THEN q.mean END) AS avg_reasoning_score,
    max(CASE WHEN q.metric = 'consistency_score' THEN q.mean END) AS avg_consistency_score,
    max(CASE WHEN q.metric = 'judge_score' THEN q.mean END) AS avg_judge_score,
    max(CASE WHEN q.metric = 'judge_passed' THEN q.pass_rate END) AS judge_pass_rate
FROM dataset_quality_metrics AS q JOIN dataset_versions AS v ON v.id = q.version_id
WHERE q.facet = ''
GROUP BY v.id, v.repository, v.dataset, v.version, v.records, q.scorer""",
    ),
)
