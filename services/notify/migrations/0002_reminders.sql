-- What a reminder of a coming test needs of its work.
ALTER TABLE facts_works
    ADD COLUMN draft boolean NOT NULL DEFAULT false,
    ADD COLUMN removed boolean NOT NULL DEFAULT false,
    ADD COLUMN reminded_at timestamptz;
CREATE INDEX ON facts_works (on_date) WHERE reminded_at IS NULL;
