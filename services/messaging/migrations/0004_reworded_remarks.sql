-- What its author changed in a remark that waits; every remark was made by the first event of its stream.
ALTER TABLE remarks ADD COLUMN version int NOT NULL DEFAULT 1;  -- of what its author wrote
ALTER TABLE remarks ADD COLUMN reworded_at timestamptz;
