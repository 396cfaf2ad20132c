CREATE TABLE conversations (
    conversation_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    pupil_id uuid,
    subject text NOT NULL,
    opened_at timestamptz NOT NULL
);
CREATE TABLE participants (
    conversation_id uuid NOT NULL,
    school_id uuid NOT NULL,
    person_id uuid NOT NULL,
    seen_up_to timestamptz,           -- time of the newest message seen
    seen_at timestamptz,
    PRIMARY KEY (person_id, conversation_id)
);
CREATE INDEX ON participants (conversation_id);
CREATE TABLE messages (
    message_id uuid PRIMARY KEY,
    conversation_id uuid NOT NULL,
    school_id uuid NOT NULL,
    author_id uuid NOT NULL,
    text text NOT NULL,
    at timestamptz NOT NULL,
    version int NOT NULL              -- position in the conversation
);
CREATE INDEX ON messages (conversation_id, version);

-- names of those who talk, from the roster's events
CREATE TABLE people (
    person_id uuid PRIMARY KEY,
    name text NOT NULL
);

DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['conversations', 'participants', 'messages'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY scoped ON %I TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[])) WITH CHECK (school_id = ANY ((SELECT diary_scope())::uuid[]))', name);
        EXECUTE format('CREATE POLICY all_rows ON %I TO {worker} USING (true) WITH CHECK (true)', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO {api}', name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO {worker}', name);
    END LOOP;
END $$;
GRANT SELECT ON people TO {api};
GRANT SELECT, INSERT, UPDATE, DELETE ON people TO {worker};
