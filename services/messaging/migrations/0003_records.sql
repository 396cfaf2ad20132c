-- What teachers and guardians write beside a record of a child, what the school writes of its behaviour, signed weeks.
CREATE TABLE comments (
    thread_id uuid NOT NULL,
    comment_id uuid NOT NULL,
    version int NOT NULL,             -- position in the thread
    school_id uuid NOT NULL,
    about text NOT NULL,
    object_id uuid NOT NULL,
    pupil_id uuid NOT NULL,
    group_id uuid,
    on_date date NOT NULL,            -- the record's
    author_id uuid NOT NULL,
    author text NOT NULL,
    text text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (thread_id, comment_id)
);
CREATE INDEX ON comments (pupil_id, at);
CREATE INDEX ON comments (group_id, on_date);

CREATE TABLE remarks (
    remark_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    pupil_id uuid NOT NULL,
    kind text NOT NULL,
    on_date date NOT NULL,
    group_id uuid,
    author_id uuid NOT NULL,
    at timestamptz NOT NULL,
    written text NOT NULL,            -- by its author
    text text,                        -- as the family reads it; none: it waits for the tutor
    shown_by uuid,
    shown_at timestamptz,
    withdrawn_by uuid,
    withdrawn_at timestamptz,
    reason text
);
CREATE INDEX ON remarks (pupil_id, on_date);
CREATE INDEX ON remarks (school_id) WHERE text IS NULL AND withdrawn_at IS NULL;

CREATE TABLE signatures (
    pupil_id uuid NOT NULL,
    monday date NOT NULL,
    by_id uuid NOT NULL,
    school_id uuid NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (pupil_id, monday, by_id)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['comments', 'remarks', 'signatures'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scoped ON %I TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[])) WITH CHECK (school_id = ANY ((SELECT diary_scope())::uuid[]))', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {worker} USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO {api}', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO {worker}', name);
    END LOOP;
END $$;
