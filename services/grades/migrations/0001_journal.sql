-- The journal of marks, written in the transaction of its events. Texts stay sealed here: their boxes belong to the
-- event named beside them and open only there.
CREATE TABLE works (
    work_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    group_id uuid NOT NULL,
    lesson_id uuid NOT NULL,
    on_date date NOT NULL,
    number smallint NOT NULL,
    kind text NOT NULL,
    weight text NOT NULL,
    scale text NOT NULL,
    rule int NOT NULL,
    criteria jsonb NOT NULL,
    title_box text,
    title_event text,
    version int NOT NULL,
    removed boolean NOT NULL DEFAULT false
);
CREATE INDEX ON works (group_id, on_date);
CREATE INDEX ON works (lesson_id);

-- one cell; no values: its mark was taken back; points: those its one value was made of, in a work with criteria
CREATE TABLE marks (
    work_id uuid NOT NULL,
    pupil_id uuid NOT NULL,
    school_id uuid NOT NULL,
    cell text[] NOT NULL,
    points jsonb NOT NULL,
    comment_box text,
    comment_event text,
    comment_path text,
    given_by uuid NOT NULL,
    given_at timestamptz NOT NULL,
    PRIMARY KEY (work_id, pupil_id)
);

-- what stood in a cell before, one row a correction or removal
CREATE TABLE mark_changes (
    work_id uuid NOT NULL,
    pupil_id uuid NOT NULL,
    version int NOT NULL,
    school_id uuid NOT NULL,
    before text[] NOT NULL,
    points jsonb NOT NULL,
    reason_box text NOT NULL,
    reason_event text NOT NULL,
    changed_by uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (work_id, pupil_id, version)
);

CREATE TABLE rules (
    school_id uuid NOT NULL,
    rule int NOT NULL,
    scale text NOT NULL,
    kinds jsonb NOT NULL,
    bounds jsonb NOT NULL,
    PRIMARY KEY (school_id, rule)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['works', 'marks', 'mark_changes', 'rules'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scoped ON %I TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[])) WITH CHECK (school_id = ANY ((SELECT diary_scope())::uuid[]))', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {worker} USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO {api}', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO {worker}', name);
    END LOOP;
END $$;

-- terms of the district's school years, from the roster's events; public, like the names of schools
CREATE TABLE terms (
    district_id uuid NOT NULL,
    year_id uuid NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL
);
CREATE INDEX ON terms (district_id);
ALTER TABLE terms ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON terms FOR SELECT TO {api} USING (true);
CREATE POLICY writer ON terms TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT ON terms TO {api};
GRANT SELECT, INSERT, UPDATE, DELETE ON terms TO {worker};
