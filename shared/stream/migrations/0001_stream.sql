-- What a service keeps of the stream: how far its own events are published, how far it has taken in those of others.

CREATE OR REPLACE FUNCTION diary_scope() RETURNS uuid[] STABLE LANGUAGE sql AS
$$ SELECT coalesce(nullif(current_setting('diary.scope', true), ''), '{{}}')::uuid[] $$;

-- the relay: a row for every partition of every topic that it has ever seen
CREATE TABLE relayed (
    topic text NOT NULL,
    partition int NOT NULL,
    epoch int NOT NULL,
    sequence bigint NOT NULL,      -- the last one acknowledged; 0: none yet
    log_offset bigint NOT NULL,    -- where it stands in the log; -1: none yet
    PRIMARY KEY (topic, partition)
);
-- everything up to here is acknowledged in its partition, so reading begins after it
CREATE TABLE relayed_upto (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    sequence bigint NOT NULL
);
INSERT INTO relayed_upto (sequence) VALUES (0);

-- one row while events are put back that a restore lost: no relay opens the store
CREATE TABLE healing (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    at timestamptz NOT NULL DEFAULT now()
);

-- what an operator gave up: of a partition's records before `log_end`, those above `kept` are no events any more
CREATE TABLE given_up (
    topic text NOT NULL,
    partition int NOT NULL,
    epoch int NOT NULL,            -- the one that began then
    kept bigint NOT NULL,
    log_end bigint NOT NULL,       -- 0: that log is gone
    PRIMARY KEY (topic, partition, epoch)
);

-- projections: the position moves in the transaction of the rows
CREATE TABLE progress (
    projection text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    epoch int NOT NULL DEFAULT 0,
    sequence bigint NOT NULL DEFAULT 0,
    next_offset bigint NOT NULL DEFAULT 0,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (projection, topic, partition)
);

-- events that could not be taken in, and those of the same stream behind them
CREATE TABLE parked (
    projection text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    log_offset bigint NOT NULL,
    epoch int,
    sequence bigint,
    subject uuid,
    document bytea NOT NULL,
    why text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (projection, topic, partition, log_offset)
);
CREATE INDEX parked_subject ON parked (projection, subject);

-- decisions of an import that is not applied yet, and later events of the same streams behind them
CREATE TABLE held (
    projection text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    log_offset bigint NOT NULL,
    epoch int NOT NULL,
    sequence bigint NOT NULL,
    subject uuid NOT NULL,
    import_id uuid,
    document bytea NOT NULL,
    PRIMARY KEY (projection, topic, epoch, sequence)
);
CREATE INDEX held_subject ON held (projection, subject, epoch, sequence);

CREATE TABLE held_imports (
    projection text NOT NULL,
    import_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    complete boolean NOT NULL DEFAULT false,   -- whether its own last event has come
    drained boolean NOT NULL DEFAULT false,    -- whether all that waited for it has been taken in
    PRIMARY KEY (projection, import_id)
);

-- deliveries act on what happened after this
CREATE TABLE since (
    projection text PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now()
);

-- which number of a projection the tables hold now
CREATE TABLE rebuilds (
    stem text PRIMARY KEY,
    number int NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT, INSERT, UPDATE, DELETE ON relayed, relayed_upto TO {relay};
GRANT SELECT ON healing TO {relay};
GRANT SELECT, UPDATE ON given_up TO {relay};
GRANT SELECT, INSERT, UPDATE, DELETE ON progress, parked, held, held_imports, since, rebuilds TO {worker};
GRANT SELECT ON progress, held_imports, rebuilds TO {api};
