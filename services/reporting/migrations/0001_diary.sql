-- The diary: what a pupil's family reads. Each fact is kept by its own id and joined when it is read, because
-- between topics and partitions there is no order. `epoch` and `sequence` are those of the event that last changed a row.

CREATE TABLE diary_works (
    work_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    group_id uuid NOT NULL,
    lesson_id uuid NOT NULL,
    on_date date NOT NULL,
    number smallint NOT NULL,
    kind text NOT NULL,
    weight numeric(4, 2) NOT NULL,
    scale text NOT NULL,
    rule int NOT NULL,
    criteria jsonb NOT NULL,          -- [{{code, most}}]; empty: plain marks
    title text,
    removed boolean NOT NULL DEFAULT false
);
CREATE INDEX ON diary_works (group_id, on_date);

CREATE TABLE diary_marks (
    work_id uuid NOT NULL,
    pupil_id uuid NOT NULL,
    school_id uuid NOT NULL,
    given text[] NOT NULL,            -- empty once the mark was taken back
    points jsonb NOT NULL,            -- [{{code, points}}] that its one value was made of, in a work with criteria
    comment text,
    by_id uuid NOT NULL,
    at timestamptz NOT NULL,
    first_at timestamptz NOT NULL,
    was jsonb NOT NULL DEFAULT '[]',  -- earlier values with reason, author and time, oldest first
    epoch int NOT NULL,
    sequence bigint NOT NULL,
    trace text,                       -- traceparent of the request that changed it last
    PRIMARY KEY (pupil_id, work_id)
);
CREATE INDEX ON diary_marks (work_id);

CREATE TABLE diary_presences (
    lesson_id uuid NOT NULL,
    pupil_id uuid NOT NULL,
    school_id uuid NOT NULL,
    group_id uuid NOT NULL,
    on_date date NOT NULL,
    number smallint NOT NULL,
    state text NOT NULL,
    minutes smallint,
    reason text,
    by_id uuid NOT NULL,
    at timestamptz NOT NULL,
    was jsonb NOT NULL DEFAULT '[]',
    epoch int NOT NULL,
    sequence bigint NOT NULL,
    trace text,
    PRIMARY KEY (pupil_id, lesson_id)
);
CREATE INDEX ON diary_presences (pupil_id, on_date);

CREATE TABLE diary_topics (
    lesson_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    topic text NOT NULL
);

CREATE TABLE diary_names (
    person_id uuid PRIMARY KEY,
    family_name text NOT NULL,
    given_name text NOT NULL,
    middle_name text
);

-- The audit journal: one row for each thing that an event changed, found by the id of any object it belongs to.
CREATE TABLE history_entries (
    service text NOT NULL,            -- an event's id is unique in its source only
    event_id text NOT NULL,
    part int NOT NULL,                -- which entry of the event
    school_id uuid NOT NULL,
    object_id uuid NOT NULL,          -- a work or a lesson
    group_id uuid,                    -- whose record it is; the policy asks about it
    pupil_id uuid,
    type text NOT NULL,
    by_id uuid NOT NULL,
    at timestamptz NOT NULL,
    before jsonb,
    after jsonb,
    reason text,
    PRIMARY KEY (service, event_id, part)
);
CREATE INDEX ON history_entries (object_id, at);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['diary_works', 'diary_marks', 'diary_presences', 'diary_topics', 'history_entries'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scoped ON %I FOR SELECT TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]))', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {worker} USING (true) WITH CHECK (true)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['diary_works', 'diary_marks', 'diary_presences', 'diary_topics', 'history_entries', 'diary_names'] LOOP
        EXECUTE format('GRANT SELECT ON %I TO {api}', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO {worker}', name);
    END LOOP;
END $$;
