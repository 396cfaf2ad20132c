-- Terms with their names and years, which also have grades. Filled anew from the roster's events.
DROP TABLE terms;
CREATE TABLE terms (
    term_id uuid PRIMARY KEY,
    district_id uuid NOT NULL,
    year_id uuid NOT NULL,            -- its own id for a year
    parent_id uuid,                   -- of a marking period: the term it is in
    kind text NOT NULL,               -- term, period, year
    title text NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL
);
CREATE INDEX ON terms (district_id);
ALTER TABLE terms ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON terms FOR SELECT TO {api} USING (true);
CREATE POLICY writer ON terms TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT ON terms TO {api};
GRANT SELECT, INSERT, UPDATE, DELETE ON terms TO {worker};

-- Where a school stands with a term; no row: open. The days are those that the council locked.
CREATE TABLE councils (
    school_id uuid NOT NULL,
    term_id uuid NOT NULL,
    title text NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    stage text NOT NULL,              -- open (withdrawn), council, published
    by_id uuid NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (school_id, term_id)
);

-- The list of a group's grades of a term, once something was decided about it.
CREATE TABLE sheets (
    sheet_id uuid PRIMARY KEY,
    group_id uuid NOT NULL,
    term_id uuid NOT NULL,
    school_id uuid NOT NULL,
    reopened boolean NOT NULL,        -- it may be changed though the council has begun
    asked_by uuid,                    -- who waits for that
    asked_at timestamptz,
    reason_box text,
    reason_event text
);
CREATE INDEX ON sheets (school_id, term_id);
CREATE INDEX ON sheets (group_id);

CREATE TABLE term_grades (
    sheet_id uuid NOT NULL,
    pupil_id uuid NOT NULL,
    group_id uuid NOT NULL,
    term_id uuid NOT NULL,
    school_id uuid NOT NULL,
    value text,                       -- none: it was taken back
    scale text NOT NULL,
    average text,
    count int NOT NULL,
    given_by uuid NOT NULL,
    given_at timestamptz NOT NULL,
    PRIMARY KEY (sheet_id, pupil_id)
);
CREATE INDEX ON term_grades (school_id, term_id);

-- what stood after the council had begun, one row a correction
CREATE TABLE term_grade_changes (
    sheet_id uuid NOT NULL,
    pupil_id uuid NOT NULL,
    version int NOT NULL,
    school_id uuid NOT NULL,
    before text NOT NULL,
    reason_box text NOT NULL,
    reason_event text NOT NULL,
    changed_by uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (sheet_id, pupil_id, version)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['councils', 'sheets', 'term_grades', 'term_grade_changes'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scoped ON %I TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[])) WITH CHECK (school_id = ANY ((SELECT diary_scope())::uuid[]))', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {worker} USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO {api}', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO {worker}', name);
    END LOOP;
END $$;
