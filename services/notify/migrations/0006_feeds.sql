-- Secret addresses at which feed readers fetch a person's notices. Of the secret itself only the hash is known.
CREATE TABLE feeds (
    feed_id uuid PRIMARY KEY,
    person_id uuid NOT NULL,
    secret_hash text NOT NULL,
    shared_at timestamptz NOT NULL
);
CREATE INDEX ON feeds (person_id);
CREATE INDEX ON feeds (secret_hash);

ALTER TABLE feeds ENABLE ROW LEVEL SECURITY;
ALTER TABLE feeds FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON feeds TO {api}
    USING (person_id = ANY ((SELECT diary_scope())::uuid[])) WITH CHECK (person_id = ANY ((SELECT diary_scope())::uuid[]));
-- a reader knows nothing but the secret: it sees the one row that the secret belongs to
CREATE POLICY by_secret ON feeds FOR SELECT TO {api}
    USING (secret_hash = (SELECT current_setting('diary.feed', true)));
CREATE POLICY all_rows ON feeds TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON feeds TO {api};
GRANT SELECT, INSERT, UPDATE, DELETE ON feeds TO {worker};
