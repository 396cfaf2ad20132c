-- Columns that families do not see yet, and what stands in their cells until then.
ALTER TABLE works ADD COLUMN draft boolean NOT NULL DEFAULT false;

-- When a draft will be published, by its school's clock. Ids and times only: every API process looks for what is due.
CREATE TABLE publications (
    work_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    at timestamp,                     -- none: published, or called off
    by_id uuid NOT NULL
);
CREATE INDEX ON publications (at) WHERE at IS NOT NULL;
ALTER TABLE publications ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON publications FOR SELECT TO {api} USING (true);
CREATE POLICY scoped ON publications FOR INSERT TO {api} WITH CHECK (school_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY scoped_too ON publications FOR UPDATE TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY writer ON publications TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON publications TO {api};
GRANT SELECT, INSERT, UPDATE, DELETE ON publications TO {worker};

-- no values: the draft was taken back
CREATE TABLE drafts (
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
ALTER TABLE drafts ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON drafts TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]))
    WITH CHECK (school_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY all_rows ON drafts TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON drafts TO {api};
GRANT SELECT, INSERT, UPDATE, DELETE ON drafts TO {worker};
