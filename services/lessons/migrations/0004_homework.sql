-- What is to be done after a lesson, opened as topics are. No task: the teacher said that nothing is.
CREATE TABLE homework (
    lesson_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    group_id uuid NOT NULL,
    task text,
    due_on date,
    due_number smallint,
    minutes smallint,
    written_on date NOT NULL,           -- by the school's calendar
    written_at text NOT NULL,
    late boolean NOT NULL
);
CREATE INDEX ON homework (school_id, due_on) WHERE minutes IS NOT NULL;

ALTER TABLE homework ENABLE ROW LEVEL SECURITY;
ALTER TABLE homework FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON homework TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]));
GRANT SELECT, INSERT, UPDATE ON homework TO {api};
CREATE POLICY all_rows ON homework TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON homework TO {worker};
