-- What a school's day and a teacher's day are read from. One row a roll: its entries counted, so that ten days of a
-- school are some three thousand rows and not a hundred thousand.

CREATE TABLE diary_rolls (
    lesson_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    group_id uuid NOT NULL,
    on_date date NOT NULL,
    number smallint NOT NULL,
    present smallint NOT NULL,        -- entries that stand now, late ones not among them
    absent smallint NOT NULL,
    late smallint NOT NULL,
    at timestamptz NOT NULL           -- when it was taken
);
CREATE INDEX ON diary_rolls (school_id, on_date) INCLUDE (present, absent, late);

-- who was away or late; nine entries of ten are neither and cost nothing here
CREATE INDEX diary_presences_away ON diary_presences (school_id, on_date) WHERE state <> 'present';

CREATE INDEX ON diary_works (school_id, on_date);

ALTER TABLE diary_rolls ENABLE ROW LEVEL SECURITY;
ALTER TABLE diary_rolls FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON diary_rolls FOR SELECT TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY all_rows ON diary_rolls TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT ON diary_rolls TO {api};
GRANT SELECT, INSERT, UPDATE, DELETE ON diary_rolls TO {worker};
