CREATE OR REPLACE FUNCTION diary_scope() RETURNS uuid[] STABLE LANGUAGE sql
    AS $$ SELECT coalesce(nullif(current_setting('diary.scope', true), ''), '{{}}')::uuid[] $$;

-- Who read a group's journal without teaching it: reading makes no event. A line for each reader, group and day.
CREATE TABLE journal_readings (
    group_id uuid NOT NULL,
    by_id uuid NOT NULL,
    on_date date NOT NULL,            -- UTC
    school_id uuid NOT NULL,
    times int NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (group_id, by_id, on_date)
);
CREATE INDEX journal_readings_age ON journal_readings (on_date);

ALTER TABLE journal_readings ENABLE ROW LEVEL SECURITY;
ALTER TABLE journal_readings FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON journal_readings TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]))
    WITH CHECK (school_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY all_rows ON journal_readings TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON journal_readings TO {api};
GRANT SELECT, DELETE ON journal_readings TO {worker};
