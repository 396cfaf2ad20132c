-- Imports: what came, what is wrong with it, what it changes, and what waits until the import is applied.
-- Their scope is the import's id; a finished import leaves only its row and its first faults.

CREATE TABLE imports (
    import_id uuid PRIMARY KEY,
    district_id uuid,
    actor uuid NOT NULL,
    fingerprint bytea NOT NULL,
    state text NOT NULL,
    dry_run boolean NOT NULL,
    time_zone text NOT NULL,
    on_date date,
    at timestamptz NOT NULL DEFAULT now(),
    applied_at timestamptz,
    counts jsonb NOT NULL DEFAULT '{{}}',
    differences jsonb NOT NULL DEFAULT '{{}}',
    faults int NOT NULL DEFAULT 0,
    changed int NOT NULL DEFAULT 0,      -- how many decisions it makes, in chunks numbered from 0
    last_chunk int NOT NULL DEFAULT -1,
    decided int NOT NULL DEFAULT -1      -- the last chunk that is; moves in the decision's transaction
);
-- one import of a district is under way at a time
CREATE UNIQUE INDEX imports_under_way ON imports (district_id) WHERE state = 'applying';

CREATE TABLE import_faults (
    import_id uuid NOT NULL,
    place int NOT NULL,
    file text NOT NULL,
    line int NOT NULL,
    field text NOT NULL,
    code text NOT NULL,
    en text NOT NULL,
    ru text NOT NULL,
    PRIMARY KEY (import_id, place)
);

CREATE TABLE staged (
    import_id uuid NOT NULL,
    file text NOT NULL,
    source_id text NOT NULL,
    line int NOT NULL,
    fields jsonb NOT NULL
);
CREATE INDEX ON staged (import_id, file, source_id);

CREATE TABLE wanted (
    import_id uuid NOT NULL,
    stream uuid NOT NULL,
    type text NOT NULL,
    rank smallint NOT NULL,
    key uuid NOT NULL,
    digest bytea NOT NULL,
    data jsonb NOT NULL,
    chunk int,
    PRIMARY KEY (import_id, stream, type)
);
CREATE INDEX ON wanted (import_id, chunk);

-- the last content of each type in each stream, told by its digest: what an import is compared with
CREATE TABLE described (
    stream uuid NOT NULL,
    type text NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (stream, type)
);

-- what the decisions of an import say whose rows are not in `wanted`: the view is being made anew from the store
CREATE TABLE import_held (
    import_id uuid NOT NULL,
    type text NOT NULL,
    stream uuid NOT NULL,
    version int NOT NULL,
    data jsonb NOT NULL,
    PRIMARY KEY (import_id, type, stream, version)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['import_faults', 'staged', 'wanted', 'import_held'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scoped ON %I TO {api} USING (import_id = ANY ((SELECT diary_scope())::uuid[]))', name);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE ON imports TO {api};
GRANT SELECT, INSERT, DELETE ON import_faults TO {api};
GRANT SELECT, INSERT, UPDATE, DELETE ON staged, wanted, import_held, described TO {api};
-- rows written a moment ago have no statistics, and the server would join millions in nested loops
GRANT MAINTAIN ON staged, wanted TO {api};
