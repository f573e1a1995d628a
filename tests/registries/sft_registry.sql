-- A registry of SFT datasets in PostgreSQL: four tables, three views, two triggers, three functions.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE datasets (
    id SERIAL PRIMARY KEY,
    agent_type VARCHAR(50) NOT NULL,
    name VARCHAR(255) NOT NULL,
    description TEXT,
    format VARCHAR(50) NOT NULL DEFAULT 'chatml',
    current_version VARCHAR(50),
    version_count INTEGER NOT NULL DEFAULT 0,
    status VARCHAR(20) NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived', 'deprecated')),
    deleted_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX ON datasets USING gin (name gin_trgm_ops);

CREATE TABLE dataset_versions (
    id SERIAL PRIMARY KEY,
    dataset_id INTEGER NOT NULL REFERENCES datasets (id),
    version VARCHAR(50) NOT NULL CHECK (version ~ '^[0-9]+\.[0-9]+\.[0-9]+$'),
    version_major INTEGER GENERATED ALWAYS AS (split_part(version, '.', 1)::integer) STORED,
    version_minor INTEGER GENERATED ALWAYS AS (split_part(version, '.', 2)::integer) STORED,
    version_patch INTEGER GENERATED ALWAYS AS (split_part(version, '.', 3)::integer) STORED,
    file_path TEXT NOT NULL,
    file_size_bytes BIGINT NOT NULL,
    sha256_hash CHAR(64) NOT NULL,
    example_count INTEGER NOT NULL,
    total_tokens BIGINT,
    avg_quality_score NUMERIC(5, 4),
    judge_pass_rate NUMERIC(5, 4),
    description TEXT,
    tags TEXT[] NOT NULL DEFAULT '{}',
    created_by VARCHAR(255),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (dataset_id, version)
);
CREATE INDEX ON dataset_versions (sha256_hash);

CREATE TABLE dataset_lineage (
    id SERIAL PRIMARY KEY,
    child_version_id INTEGER NOT NULL REFERENCES dataset_versions (id),
    parent_version_id INTEGER NOT NULL REFERENCES dataset_versions (id),
    backtest_id VARCHAR(255),
    transformation_type VARCHAR(50) NOT NULL,
    examples_inherited INTEGER,
    examples_new INTEGER,
    examples_modified INTEGER,
    examples_removed INTEGER,
    notes TEXT
);

CREATE TABLE dataset_quality_metrics (
    id BIGSERIAL PRIMARY KEY,
    version_id INTEGER NOT NULL REFERENCES dataset_versions (id),
    example_index INTEGER NOT NULL,
    quality_score NUMERIC(5, 4),
    reward_score NUMERIC(5, 4),
    confidence_score NUMERIC(5, 4),
    reasoning_score NUMERIC(5, 4),
    consistency_score NUMERIC(5, 4),
    judge_score NUMERIC(5, 4),
    judge_passed BOOLEAN,
    judge_feedback TEXT,
    trajectory_id VARCHAR(255),
    symbol VARCHAR(20),
    agent_type VARCHAR(50),
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (version_id, example_index)
);

CREATE FUNCTION update_updated_at_column() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at = now();
    RETURN NEW;
END $$;
CREATE TRIGGER trigger_datasets_updated_at BEFORE UPDATE ON datasets
    FOR EACH ROW EXECUTE FUNCTION update_updated_at_column();

CREATE FUNCTION update_dataset_stats() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE datasets SET current_version = NEW.version, version_count = version_count + 1 WHERE id = NEW.dataset_id;
    RETURN NEW;
END $$;
CREATE TRIGGER trigger_update_dataset_stats AFTER INSERT ON dataset_versions
    FOR EACH ROW EXECUTE FUNCTION update_dataset_stats();

CREATE FUNCTION calculate_quality_summary(version INTEGER) RETURNS TABLE (examples BIGINT, average NUMERIC)
    LANGUAGE sql AS $$ SELECT count(*), avg(quality_score) FROM dataset_quality_metrics WHERE version_id = version $$;

CREATE VIEW v_latest_datasets AS
    SELECT d.name, d.agent_type, v.* FROM datasets d
    JOIN dataset_versions v ON v.dataset_id = d.id AND v.version = d.current_version
    WHERE d.status = 'active' AND d.deleted_at IS NULL;
CREATE VIEW v_dataset_lineage_tree AS
    SELECT c.version AS child, p.version AS parent, l.* FROM dataset_lineage l
    JOIN dataset_versions c ON c.id = l.child_version_id JOIN dataset_versions p ON p.id = l.parent_version_id;
CREATE VIEW v_quality_metrics_summary AS
    SELECT version_id, count(*), avg(quality_score) FROM dataset_quality_metrics GROUP BY version_id;
