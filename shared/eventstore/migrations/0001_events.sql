-- The store. What may be appended and read is the database's business, not only the code's:
-- the api role selects and inserts the rows of its scope, nobody but the owner updates or deletes.

CREATE OR REPLACE FUNCTION diary_scope() RETURNS uuid[] STABLE LANGUAGE sql AS
$$ SELECT coalesce(nullif(current_setting('diary.scope', true), ''), '{{}}')::uuid[] $$;

CREATE TABLE events (
    -- CACHE 1: ids are drawn in order by all sessions; settling rests on it
    id bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY,
    stream uuid NOT NULL,
    version int NOT NULL CHECK (version > 0),
    type text NOT NULL,
    key uuid NOT NULL,
    actor uuid NOT NULL,
    command uuid NOT NULL,
    command_index smallint NOT NULL CHECK (command_index >= 0),
    -- of the command's request; in its first event only, none if the event was healed from a topic
    fingerprint bytea,
    import_id uuid,
    time timestamptz NOT NULL,
    document bytea NOT NULL,
    CONSTRAINT events_stream_version UNIQUE (stream, version),
    CONSTRAINT events_command UNIQUE (actor, command, command_index)
);

-- answers of commands, byte by byte; a cache of 30 days, what made events can be rebuilt from them
CREATE TABLE answers (
    actor uuid NOT NULL,
    command uuid NOT NULL,
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    version int NOT NULL,
    body bytea NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT answers_command PRIMARY KEY (actor, command)
);
CREATE INDEX answers_at ON answers (at);

-- one row: the relay's word that the store was looked over since this start of the server
CREATE TABLE opened (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch int NOT NULL CHECK (epoch > 0),
    server_start timestamptz NOT NULL
);

ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
-- (SELECT …) makes it one evaluation a statement instead of one a row
CREATE POLICY events_scope ON events TO {api}
    USING (key = ANY ((SELECT diary_scope())::uuid[]))
    WITH CHECK (key = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY events_readers ON events FOR SELECT TO {worker}, {relay} USING (true);
CREATE POLICY events_owner ON events TO CURRENT_USER USING (true) WITH CHECK (true);

GRANT SELECT, INSERT ON events, answers TO {api};
GRANT SELECT ON opened TO {api}, {worker}, {relay};
GRANT SELECT ON events TO {worker}, {relay};
GRANT SELECT, DELETE ON answers TO {worker};
GRANT INSERT, UPDATE ON opened TO {relay};
