-- The Merkle tree over the store as far as it has grown. What proves something is kept outside; this only says where to
-- go on.
CREATE TABLE audit_tree (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    size bigint NOT NULL,
    last bigint NOT NULL,          -- the number of the last event in it
    peaks bytea[] NOT NULL         -- roots of its whole subtrees, the largest first
);

GRANT SELECT, INSERT, UPDATE ON audit_tree TO {relay};
