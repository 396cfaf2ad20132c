-- What is to be done after a lesson, and by which. No task: the teacher said that nothing is.
CREATE TABLE diary_homework (
    lesson_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    group_id uuid NOT NULL,
    on_date date NOT NULL,
    number smallint NOT NULL,
    task text,
    due_lesson_id uuid,
    due_on date,
    due_number smallint,
    minutes smallint,
    written_on date NOT NULL,         -- by the school's calendar
    written_at text NOT NULL,
    late boolean NOT NULL,
    by_id uuid NOT NULL
);
CREATE INDEX ON diary_homework (group_id, due_on);
CREATE INDEX ON diary_homework (due_lesson_id);

ALTER TABLE diary_homework ENABLE ROW LEVEL SECURITY;
ALTER TABLE diary_homework FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON diary_homework FOR SELECT TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY all_rows ON diary_homework TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT ON diary_homework TO {api};
GRANT SELECT, INSERT, UPDATE, DELETE ON diary_homework TO {worker};
