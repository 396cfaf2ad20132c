-- Who was erased, as far as this service has learnt it.
CREATE TABLE erased (
    person_id uuid PRIMARY KEY,
    at timestamptz NOT NULL
);

ALTER TABLE erased ENABLE ROW LEVEL SECURITY;
ALTER TABLE erased FORCE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON erased TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON erased TO {worker};
