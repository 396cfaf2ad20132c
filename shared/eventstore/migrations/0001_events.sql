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

-- each epoch after the first: an operator gave up what was above; the first `kept` events of the store are those of before
CREATE TABLE epochs (
    epoch int PRIMARY KEY CHECK (epoch > 1),
    kept bigint NOT NULL,
    act text NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE events ENABLE ROW LEVEL SECURITY;
ALTER TABLE events FORCE ROW LEVEL SECURITY;
-- (SELECT …) makes it one evaluation a statement instead of one a row
CREATE POLICY events_scope ON events TO {api}
    USING (key = ANY ((SELECT diary_scope())::uuid[]))
    WITH CHECK (key = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY events_readers ON events FOR SELECT TO {worker}, {relay} USING (true);
CREATE POLICY events_owner ON events TO CURRENT_USER USING (true) WITH CHECK (true);

-- how events get in: who may still commit an id holds the lock (settle.py) before the first is drawn, and the gate is
-- asked by the very transaction that inserts. One statement, so that it goes to the server together with the commit.
CREATE FUNCTION append(space int, writing int, at_epoch int, asked bytea, facts json, documents bytea[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock_shared(space, writing);
    INSERT INTO events
        (stream, version, type, key, actor, command, command_index, fingerprint, import_id, time, document)
    SELECT n.stream, n.version, n.type, n.key, n.actor, n.command, n.place - 1,
           CASE WHEN n.place = 1 THEN asked END, n.import_id, n.time, documents[n.place]
    FROM opened, ROWS FROM (json_to_recordset(facts) AS (
        stream uuid, version int, type text, key uuid, actor uuid, command uuid, import_id uuid, time timestamptz))
        WITH ORDINALITY AS n (stream, version, type, key, actor, command, import_id, time, place)
    WHERE opened.server_start = pg_postmaster_start_time() AND opened.epoch = at_epoch
    ORDER BY n.place;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the gate is closed' USING ERRCODE = 'DY001';
    END IF;
END $$;

GRANT SELECT, INSERT ON events, answers TO {api};
GRANT SELECT ON opened TO {api}, {worker}, {relay};
GRANT SELECT ON epochs TO {relay};
GRANT SELECT ON events TO {worker}, {relay};
GRANT SELECT, DELETE ON answers TO {worker};
GRANT INSERT, UPDATE ON opened TO {relay};
