-- What is different about a lesson, as it was said last: it is told when its day is near.
CREATE TABLE facts_changes (
    lesson_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    group_id uuid NOT NULL,
    on_date date NOT NULL,            -- its day in the timetable
    number smallint NOT NULL,
    to_date date NOT NULL,            -- its day now
    event_id text NOT NULL,
    at timestamptz NOT NULL,
    by uuid NOT NULL,                 -- who changed it; he knows
    people uuid[] NOT NULL,           -- substitutes, those of earlier changes too
    data jsonb NOT NULL,
    told_at timestamptz
);
-- changes that were written down after their day are never told: they are not read again at each look
CREATE INDEX ON facts_changes (greatest(on_date, to_date)) WHERE told_at IS NULL;
ALTER TABLE facts_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE facts_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON facts_changes TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON facts_changes TO {worker};
