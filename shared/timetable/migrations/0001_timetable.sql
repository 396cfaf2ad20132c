CREATE OR REPLACE FUNCTION diary_scope() RETURNS uuid[] STABLE LANGUAGE sql
    AS $$ SELECT coalesce(nullif(current_setting('diary.scope', true), ''), '{{}}')::uuid[] $$;

CREATE TABLE timetables (
    school_id uuid NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    anchor date NOT NULL,
    PRIMARY KEY (school_id, starts)
);

CREATE TABLE timetable_slots (
    school_id uuid NOT NULL,
    timetable_starts date NOT NULL,
    group_id uuid NOT NULL,
    weekday smallint NOT NULL,
    number smallint NOT NULL,
    week text NOT NULL,
    room text,
    teacher_id uuid,
    starts date NOT NULL,
    ends date NOT NULL
);
CREATE INDEX ON timetable_slots (group_id);
CREATE INDEX ON timetable_slots (school_id, timetable_starts);

CREATE TABLE timetable_bells (
    school_id uuid NOT NULL,
    number smallint NOT NULL,
    starts text NOT NULL,
    ends text NOT NULL,
    PRIMARY KEY (school_id, number)
);

CREATE TABLE timetable_holidays (
    school_id uuid NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    title text NOT NULL
);
CREATE INDEX ON timetable_holidays (school_id);

-- what differs from the timetable on a day, one row an event, applied in order
CREATE TABLE timetable_exceptions (
    event_id text PRIMARY KEY,
    school_id uuid NOT NULL,
    lesson_id uuid NOT NULL,
    group_id uuid NOT NULL,
    on_date date NOT NULL,
    to_date date,
    at timestamptz NOT NULL,
    version int NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL
);
CREATE INDEX ON timetable_exceptions (group_id, on_date);
CREATE INDEX ON timetable_exceptions (school_id, on_date); -- who stands in for whom, over a school
CREATE INDEX ON timetable_exceptions (school_id, to_date) WHERE to_date IS NOT NULL;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['timetables', 'timetable_slots', 'timetable_bells', 'timetable_holidays', 'timetable_exceptions'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scoped ON %I TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[])) WITH CHECK (school_id = ANY ((SELECT diary_scope())::uuid[]))', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {worker} USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO {api}, {worker}', name);
    END LOOP;
END $$;
