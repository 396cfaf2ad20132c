-- Secret addresses at which calendar applications read timetables. Of the secret itself only the hash is known.
CREATE TABLE calendars (
    calendar_id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    about_id uuid NOT NULL,
    secret_hash text NOT NULL,
    shared_at timestamptz NOT NULL
);
CREATE INDEX ON calendars (person_id);
CREATE INDEX ON calendars (secret_hash);

ALTER TABLE calendars ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendars FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON calendars TO {api} USING (person_id = ANY ((SELECT diary_scope())::uuid[]));
-- an application knows nothing but the secret: it sees the one row that the secret belongs to
CREATE POLICY by_secret ON calendars FOR SELECT TO {api}
    USING (secret_hash = (SELECT current_setting('diary.calendar', true)));
GRANT SELECT, INSERT, DELETE ON calendars TO {api};
