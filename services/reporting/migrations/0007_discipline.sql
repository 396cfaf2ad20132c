-- Remarks on behaviour, for the reports on discipline; their words stay with messaging.
CREATE TABLE discipline_remarks (
    remark_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    pupil_id uuid NOT NULL,
    kind text NOT NULL,               -- praise, remark, incident
    on_date date NOT NULL,
    shown boolean NOT NULL,           -- false: it waits for the tutor's words and counts nowhere
    withdrawn boolean NOT NULL DEFAULT false
);
CREATE INDEX ON discipline_remarks (school_id, on_date);
ALTER TABLE discipline_remarks ENABLE ROW LEVEL SECURITY;
ALTER TABLE discipline_remarks FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON discipline_remarks FOR SELECT TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY all_rows ON discipline_remarks TO {worker} USING (true) WITH CHECK (true);
GRANT SELECT ON discipline_remarks TO {api};
GRANT SELECT, INSERT, UPDATE, DELETE ON discipline_remarks TO {worker};
