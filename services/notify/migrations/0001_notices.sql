-- What was said about whom. A correction replaces the row of the notice it corrects.
CREATE TABLE notices (
    notice_id uuid PRIMARY KEY,
    kind text NOT NULL,               -- mark, absence, late, message
    school_id uuid NOT NULL,
    pupil_id uuid,                    -- the child it is about; its guardians and itself are told
    person_ids uuid[] NOT NULL DEFAULT '{{}}',  -- those told by name (a message's readers)
    object_id uuid NOT NULL,          -- the work, lesson or conversation
    group_id uuid,
    on_date date,                     -- the lesson's day; that of a mark is its work's
    number smallint,
    event_id text NOT NULL,
    at timestamptz NOT NULL,
    owed_at timestamptz,              -- when its deliveries were made; none: not yet
    data jsonb NOT NULL
);
CREATE INDEX ON notices (notice_id) WHERE owed_at IS NULL;
CREATE INDEX ON notices (owed_at);

-- One row for each person and channel; its id is derived, so that no repeat of an event makes a second one.
CREATE TABLE deliveries (
    delivery_id uuid PRIMARY KEY,
    notice_id uuid NOT NULL,          -- made in one statement from its notice, which is never deleted: no key to check
    person_id uuid NOT NULL,
    channel text NOT NULL,
    state text NOT NULL,              -- owed, sending, sent, seen, failed, unknown, dropped
    tries int NOT NULL DEFAULT 0,
    next_try timestamptz NOT NULL DEFAULT now(),
    made_at timestamptz NOT NULL DEFAULT now(),
    done_at timestamptz,
    seen_at timestamptz,
    error text,
    UNIQUE (notice_id, person_id, channel)
);
CREATE INDEX ON deliveries (person_id, made_at);
CREATE INDEX ON deliveries (next_try) WHERE state IN ('owed', 'sending', 'unknown');

-- What a notice's sentence needs of others' events.
CREATE TABLE facts_works (
    work_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    group_id uuid NOT NULL,
    on_date date NOT NULL,
    number smallint NOT NULL,
    kind text NOT NULL
);
CREATE TABLE facts_names (
    person_id uuid PRIMARY KEY,
    family_name text NOT NULL,
    given_name text NOT NULL
);

-- The view of the person's own wishes, written in the event's transaction.
CREATE TABLE wishes (
    person_id uuid NOT NULL,
    kind text NOT NULL,
    channels text[] NOT NULL,
    PRIMARY KEY (person_id, kind)
);
CREATE TABLE consents (
    person_id uuid NOT NULL,
    channel text NOT NULL,
    address text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (person_id, channel)
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['deliveries', 'wishes', 'consents'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY own ON %I TO {api} USING (person_id = ANY ((SELECT diary_scope())::uuid[])) WITH CHECK (person_id = ANY ((SELECT diary_scope())::uuid[]))', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {worker} USING (true) WITH CHECK (true)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['notices', 'facts_works'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scoped ON %I FOR SELECT TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]))', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {worker} USING (true) WITH CHECK (true)', name);
    END LOOP;
    FOREACH name IN ARRAY ARRAY['notices', 'deliveries', 'facts_works', 'facts_names', 'wishes', 'consents'] LOOP
        EXECUTE format('GRANT SELECT ON %I TO {api}', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO {worker}', name);
    END LOOP;
END $$;
GRANT UPDATE ON deliveries TO {api};
GRANT INSERT, UPDATE, DELETE ON wishes, consents TO {api};
