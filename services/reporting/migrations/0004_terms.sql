-- Grades of terms. Those of a term that its school has not published are here and shown to nobody.
CREATE TABLE diary_terms (
    school_id uuid NOT NULL,
    term_id uuid NOT NULL,
    published_at timestamptz NOT NULL,
    epoch int NOT NULL,
    sequence bigint NOT NULL,
    trace text,
    PRIMARY KEY (school_id, term_id)
);

CREATE TABLE diary_term_grades (
    sheet_id uuid NOT NULL,
    pupil_id uuid NOT NULL,
    school_id uuid NOT NULL,
    group_id uuid NOT NULL,
    term_id uuid NOT NULL,
    year_id uuid NOT NULL,
    kind text NOT NULL,               -- term, period, year
    title text NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    scale text NOT NULL,
    value text,                       -- none: it was taken back
    average text,                     -- that it was proposed from
    count int NOT NULL,
    by_id uuid NOT NULL,
    at timestamptz NOT NULL,
    was jsonb NOT NULL DEFAULT '[]',  -- what stood since the council, with reason, author and time, oldest first
    epoch int NOT NULL,
    sequence bigint NOT NULL,
    trace text,
    PRIMARY KEY (pupil_id, sheet_id)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['diary_terms', 'diary_term_grades'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scoped ON %I FOR SELECT TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]))', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {worker} USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT ON %I TO {api}', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO {worker}', name);
    END LOOP;
END $$;
