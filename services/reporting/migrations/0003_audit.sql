-- The audit journal by school and by person. Each event has one part 0, so the first index has a line an event.
CREATE INDEX history_entries_school ON history_entries (school_id, at) WHERE part = 0;
CREATE INDEX history_entries_person ON history_entries (pupil_id, at) WHERE pupil_id IS NOT NULL;

-- What a school planned, each time it was said anew and whole: what a page showed at an earlier moment rests on it.
CREATE TABLE history_plans (
    event_id text PRIMARY KEY,
    school_id uuid NOT NULL,
    object_id uuid NOT NULL,          -- a school (timetable, bells, holidays) or a group (described, closed, its list)
    type text NOT NULL,
    version int NOT NULL,             -- in the event's stream
    at timestamptz NOT NULL,
    pupils uuid[],                    -- of a list: who is in it
    data jsonb NOT NULL
);
CREATE INDEX ON history_plans (object_id, type, version);
CREATE INDEX ON history_plans (school_id, type);
CREATE INDEX ON history_plans USING gin (pupils) WHERE pupils IS NOT NULL;

ALTER TABLE history_plans ENABLE ROW LEVEL SECURITY;
ALTER TABLE history_plans FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON history_plans FOR SELECT TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY all_rows ON history_plans TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT ON history_plans TO {api};
GRANT SELECT, INSERT, UPDATE, DELETE ON history_plans TO {worker};

-- Who looked at a pupil's pages: reading makes no event. A line for each reader, page and day.
CREATE TABLE readings (
    pupil_id uuid NOT NULL,
    by_id uuid NOT NULL,
    page text NOT NULL,
    on_date date NOT NULL,            -- UTC
    school_id uuid NOT NULL,          -- the pupil's; his own id if he has none now
    near boolean NOT NULL,            -- the family, or one who teaches him
    times int NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    PRIMARY KEY (pupil_id, by_id, page, on_date)
);
CREATE INDEX readings_reader ON readings (by_id, last_at);
CREATE INDEX readings_age ON readings (on_date);

ALTER TABLE readings ENABLE ROW LEVEL SECURITY;
ALTER TABLE readings FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON readings TO {api}
    USING (school_id = ANY ((SELECT diary_scope())::uuid[]) OR pupil_id = ANY ((SELECT diary_scope())::uuid[]))
    WITH CHECK (school_id = ANY ((SELECT diary_scope())::uuid[]) OR pupil_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY all_rows ON readings TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON readings TO {api};
GRANT SELECT, DELETE ON readings TO {worker};

-- Who took the journal of a school away as a file.
CREATE TABLE exports (
    by_id uuid NOT NULL,
    school_id uuid NOT NULL,
    at timestamptz NOT NULL,
    operations int NOT NULL
);
CREATE INDEX ON exports (by_id, at);

ALTER TABLE exports ENABLE ROW LEVEL SECURITY;
ALTER TABLE exports FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON exports TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]))
    WITH CHECK (school_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY all_rows ON exports TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON exports TO {api};
GRANT SELECT, DELETE ON exports TO {worker};
