-- What families announced; words stay sealed, each box belongs to the event beside it.
CREATE TABLE absences (
    absence_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    pupil_id uuid NOT NULL,
    first_on date NOT NULL,
    last_on date NOT NULL,
    lessons smallint[] NOT NULL,      -- numbers of that one day; none: whole days
    reason text NOT NULL,
    words_box text,
    words_event text NOT NULL,
    by_id uuid NOT NULL,
    at timestamptz NOT NULL,
    state text NOT NULL,              -- announced, accepted, declined, withdrawn
    decided_by uuid,
    decided_at timestamptz,
    answer_box text,
    answer_event text
);
CREATE INDEX ON absences (pupil_id, last_on);
CREATE INDEX ON absences (school_id, at) WHERE state = 'announced';

ALTER TABLE absences ENABLE ROW LEVEL SECURITY;
ALTER TABLE absences FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON absences TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]))
    WITH CHECK (school_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY all_rows ON absences TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON absences TO {api};
GRANT SELECT, INSERT, UPDATE, DELETE ON absences TO {worker};
