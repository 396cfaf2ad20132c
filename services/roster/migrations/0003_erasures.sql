-- Whose data were destroyed, by which act. The only thing that is left of the person here, and it names nobody.
CREATE TABLE erasures (
    person_id uuid PRIMARY KEY,
    district_id uuid NOT NULL,
    act text NOT NULL,
    by_id uuid NOT NULL,
    at timestamptz NOT NULL
);

ALTER TABLE erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE erasures FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON erasures TO {api}
    USING (district_id = ANY ((SELECT diary_scope())::uuid[])) WITH CHECK (district_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY all_rows ON erasures TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON erasures TO {api};
GRANT SELECT ON erasures TO {worker};
