"""The tables and views of the index, as SQL.

The number SCHEMA goes up with every change of a table, of a view, or of what is written into them; an
index of another number is thrown away and built anew, so nothing is ever migrated.
"""

from __future__ import annotations

SCHEMA = 1
APPLICATION = 0x64737669
"""`dsvi`: what SQLite's application_id says in an index of dsv."""

_SQL = """\
-- The index of a dsv repository. Everything in it is derived from git: it can be deleted at any time.

-- What the index was built from, and when.
CREATE TABLE about (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE datasets (
    name TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    format TEXT NOT NULL,
    path TEXT NOT NULL,
    description TEXT NOT NULL,
    owners TEXT NOT NULL CHECK (json_valid(owners)),         -- JSON array of texts
    tags TEXT NOT NULL CHECK (json_valid(tags)),             -- JSON array of texts
    status TEXT NOT NULL
);
CREATE INDEX datasets_type ON datasets (type);

CREATE TABLE dataset_versions (
    id INTEGER PRIMARY KEY,
    dataset TEXT NOT NULL REFERENCES datasets (name) ON DELETE CASCADE,
    version TEXT NOT NULL,
    major NOT NULL,                                          -- an integer; beyond 64 bits a text
    minor NOT NULL,
    patch NOT NULL,
    prerelease TEXT NOT NULL,                                -- '' for a release
    sort_key TEXT NOT NULL,                                  -- sorts as SemVer orders
    type TEXT NOT NULL,
    format TEXT NOT NULL,
    created_at TEXT NOT NULL,                                -- 2026-11-22T07:30:00Z
    created_by TEXT NOT NULL,
    summary TEXT NOT NULL,
    tags TEXT NOT NULL CHECK (json_valid(tags)),             -- JSON array of texts
    description TEXT NOT NULL,
    records INTEGER NOT NULL,
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    level TEXT NOT NULL,
    tree_digest TEXT NOT NULL,
    status TEXT NOT NULL,
    git_tag TEXT,
    commit_id TEXT NOT NULL,
    known INTEGER NOT NULL CHECK (known IN (0, 1)),          -- 0: only on other branches
    metadata TEXT NOT NULL,
    fields TEXT NOT NULL CHECK (json_valid(fields)),         -- JSON array of field names
    content BLOB NOT NULL UNIQUE,                            -- digest of all that is indexed of the version
    UNIQUE (dataset, version)
);
CREATE INDEX dataset_versions_order ON dataset_versions (dataset, sort_key);
CREATE INDEX dataset_versions_type ON dataset_versions (type);
CREATE INDEX dataset_versions_created_at ON dataset_versions (created_at);
CREATE INDEX dataset_versions_tree_digest ON dataset_versions (tree_digest);

CREATE TABLE dataset_lineage (
    version_id INTEGER NOT NULL REFERENCES dataset_versions (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,                               -- the order in the manifest
    parent TEXT NOT NULL,                                    -- the reference in the manifest
    relation TEXT NOT NULL,
    inherited INTEGER NOT NULL,
    new INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    removed INTEGER NOT NULL,
    produced_by TEXT,
    PRIMARY KEY (version_id, position)
) WITHOUT ROWID;
CREATE INDEX dataset_lineage_parent ON dataset_lineage (parent);

-- Folded text to search in; rowid is dataset_versions.id. Tags stand between line feeds.
CREATE VIRTUAL TABLE dataset_search USING fts5 (
    name, tags, type, summary, description, metadata, fields, tokenize = 'trigram case_sensitive 1'
);

-- Manifests that were parsed before, by their git blob.
CREATE TABLE manifest_blobs (
    blob_id TEXT PRIMARY KEY,
    document TEXT NOT NULL
) WITHOUT ROWID;

-- The latest version of every dataset: the highest that is neither a pre-release nor yanked nor removed.
CREATE VIEW v_latest_versions AS
SELECT v.* FROM datasets AS d JOIN dataset_versions AS v ON v.id = (
    SELECT id FROM dataset_versions
    WHERE dataset = d.name AND known AND prerelease = '' AND status NOT IN ('yanked', 'removed')
    ORDER BY sort_key DESC LIMIT 1
);

-- The latest version of all active datasets.
CREATE VIEW v_latest_datasets AS
SELECT d.name AS dataset, l.version, d.type, d.format, d.status, d.path, d.description, l.records, l.files, l.bytes,
    l.created_at, l.created_by, l.summary, l.tags, l.tree_digest, l.git_tag, l.commit_id
FROM datasets AS d JOIN v_latest_versions AS l ON l.dataset = d.name
WHERE d.status NOT IN ('archived', 'removed');
"""


def schema_sql() -> str:
    """The SQL that makes an empty index, with its comments."""
    return _SQL
