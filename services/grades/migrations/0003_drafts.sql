-- Columns that families do not see yet, and what stands in their cells until then.
ALTER TABLE works ADD COLUMN draft boolean NOT NULL DEFAULT false;

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
