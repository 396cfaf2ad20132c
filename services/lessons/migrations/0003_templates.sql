-- Topics that a teacher keeps to write them into journals, sealed as in the event; he reads them and nobody else.
CREATE TABLE templates (
    person_id uuid NOT NULL,
    template_id uuid NOT NULL,         -- made by the client: two persons may have the same
    title text NOT NULL,
    topics text NOT NULL,
    event text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (person_id, template_id)
);
ALTER TABLE templates ENABLE ROW LEVEL SECURITY;
ALTER TABLE templates FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON templates TO {api} USING (person_id = ANY ((SELECT diary_scope())::uuid[]))
    WITH CHECK (person_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY all_rows ON templates TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON templates TO {api}, {worker};
