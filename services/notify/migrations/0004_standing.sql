-- What averages are made of, and what was known of them last: who fell below a wished one, whose marks decline.
CREATE TABLE standing_works (
    work_id uuid PRIMARY KEY,
    group_id uuid NOT NULL,
    on_date date NOT NULL,
    number smallint NOT NULL,
    weight numeric(4, 2) NOT NULL,
    scale text NOT NULL
);
CREATE TABLE standing_marks (
    pupil_id uuid NOT NULL,
    group_id uuid NOT NULL,
    work_id uuid NOT NULL,
    points numeric(7, 2) NOT NULL,    -- the sum of the cell's marks
    count smallint NOT NULL,          -- how many of them count in an average
    at timestamptz NOT NULL,
    PRIMARY KEY (pupil_id, group_id, work_id)
);
CREATE TABLE standing_terms (
    district_id uuid NOT NULL,
    year_id uuid NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL
);
CREATE INDEX ON standing_terms (district_id);
CREATE INDEX ON standing_terms (year_id);
-- groups whose marks changed and were not looked at since; `newest` is the latest day of the works changed
CREATE TABLE standing_due (
    group_id uuid PRIMARY KEY,
    newest date NOT NULL,
    at timestamptz NOT NULL
);
CREATE TABLE standing_known (
    pupil_id uuid NOT NULL,
    subject text NOT NULL,
    since date NOT NULL,              -- the first day of the term
    average numeric(5, 2),
    declined boolean NOT NULL,
    declined_on date,                 -- when it was told last
    PRIMARY KEY (pupil_id, subject)
);
-- the view of a guardian's own thresholds, written in the event's transaction
CREATE TABLE thresholds (
    person_id uuid NOT NULL,
    pupil_id uuid NOT NULL,
    below numeric(5, 2) NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (person_id, pupil_id)
);
CREATE INDEX ON thresholds (pupil_id);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'standing_works', 'standing_marks', 'standing_terms', 'standing_due', 'standing_known', 'thresholds'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {worker} USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO {worker}', name);
    END LOOP;
END $$;
CREATE POLICY own ON thresholds TO {api}
    USING (person_id = ANY ((SELECT diary_scope())::uuid[])) WITH CHECK (person_id = ANY ((SELECT diary_scope())::uuid[]));
GRANT SELECT, INSERT, UPDATE, DELETE ON thresholds TO {api};
