-- Each group's lessons as the school's last timetable has them, and new timetables: they are told when they are near.
CREATE TABLE facts_plans (
    group_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    digest text NOT NULL
);
CREATE INDEX ON facts_plans (school_id);
CREATE TABLE facts_replans (
    school_id uuid NOT NULL,
    starts date NOT NULL,
    event_id text NOT NULL,
    by uuid NOT NULL,                 -- who imported it; he knows
    groups uuid[] NOT NULL,           -- whose lessons it changes
    told_at timestamptz,
    PRIMARY KEY (school_id, starts)
);
CREATE INDEX ON facts_replans (starts) WHERE told_at IS NULL;

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['facts_plans', 'facts_replans'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {worker} USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO {worker}', name);
    END LOOP;
END $$;
