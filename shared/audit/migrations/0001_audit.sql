-- The Merkle tree over the store as far as it has grown. What proves something is kept outside; this only says where to
-- go on.
CREATE TABLE audit_tree (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    size bigint NOT NULL,
    last bigint NOT NULL,          -- the number of the last event in it
    peaks bytea[] NOT NULL,        -- roots of its whole subtrees, the largest first
    note text                      -- the signed checkpoint that says so
);

-- Every whole subtree: of 2^level leaves, the place-th of its like. Ways from an event to a checkpoint are made of them.
-- 265 bytes an event, indexes too.
CREATE TABLE audit_nodes (
    level smallint NOT NULL,
    place bigint NOT NULL,
    hash bytea NOT NULL,
    number bigint,                 -- of a leaf: the event's
    PRIMARY KEY (level, place)
);
CREATE UNIQUE INDEX audit_leaves ON audit_nodes (number) WHERE number IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON audit_tree, audit_nodes TO {relay};
GRANT DELETE ON audit_nodes TO {relay};
GRANT SELECT ON audit_tree, audit_nodes TO {api};
