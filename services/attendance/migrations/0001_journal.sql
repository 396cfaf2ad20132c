-- The journal of attendance, written in the transaction of its events.
CREATE TABLE rolls (
    lesson_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    group_id uuid NOT NULL,
    on_date date NOT NULL,
    number smallint NOT NULL,
    version int NOT NULL,
    taken_by uuid NOT NULL,
    taken_at timestamptz NOT NULL
);
CREATE INDEX ON rolls (group_id, on_date);

CREATE TABLE presences (
    lesson_id uuid NOT NULL,
    pupil_id uuid NOT NULL,
    school_id uuid NOT NULL,
    state text NOT NULL,
    minutes smallint,
    reason text,
    said_by uuid NOT NULL,
    said_at timestamptz NOT NULL,
    PRIMARY KEY (lesson_id, pupil_id)
);

-- what stood before a correction (no state: nothing did); a note stays sealed, its box belongs to the event beside it
CREATE TABLE presence_changes (
    lesson_id uuid NOT NULL,
    pupil_id uuid NOT NULL,
    version int NOT NULL,
    school_id uuid NOT NULL,
    state text,
    minutes smallint,
    reason text,
    note_box text,
    note_event text NOT NULL,
    changed_by uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (lesson_id, pupil_id, version)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['rolls', 'presences', 'presence_changes'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scoped ON %I TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[])) WITH CHECK (school_id = ANY ((SELECT diary_scope())::uuid[]))', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {worker} USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO {api}', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO {worker}', name);
    END LOOP;
END $$;
