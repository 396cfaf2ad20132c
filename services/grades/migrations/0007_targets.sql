-- The average that a pupil is to reach in a subject.
CREATE TABLE targets (
    target_id uuid PRIMARY KEY,
    pupil_id uuid NOT NULL,
    school_id uuid NOT NULL,
    subject text NOT NULL,
    value text,                       -- none: taken back
    by_id uuid NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX ON targets (pupil_id);
ALTER TABLE targets ENABLE ROW LEVEL SECURITY;
ALTER TABLE targets FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON targets TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]))
    WITH CHECK (school_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY all_rows ON targets TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON targets TO {api}, {worker};
