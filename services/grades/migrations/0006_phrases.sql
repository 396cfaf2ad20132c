-- A teacher's own phrases, sealed in the event; its author reads them and nobody else.
CREATE TABLE phrases (
    person_id uuid NOT NULL,
    place smallint NOT NULL,
    box text NOT NULL,
    event text NOT NULL,
    PRIMARY KEY (person_id, place)
);
ALTER TABLE phrases ENABLE ROW LEVEL SECURITY;
ALTER TABLE phrases FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON phrases TO {api} USING (person_id = ANY ((SELECT diary_scope())::uuid[]))
    WITH CHECK (person_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY all_rows ON phrases TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON phrases TO {api}, {worker};
