-- Topics opened; everything else that the service knows is in the timetable tables that all services share.
CREATE TABLE topics (
    lesson_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    group_id uuid NOT NULL,
    on_date date NOT NULL,
    number smallint NOT NULL,
    topic text NOT NULL,
    by uuid NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX ON topics (group_id, on_date);

ALTER TABLE topics ENABLE ROW LEVEL SECURITY;
ALTER TABLE topics FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON topics TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]));
GRANT SELECT, INSERT, UPDATE ON topics TO {api};
