-- Who may see whom, learnt from the roster's events. Services only ask; only the worker writes.
CREATE OR REPLACE FUNCTION diary_scope() RETURNS uuid[] STABLE LANGUAGE sql AS
    $$ SELECT coalesce(nullif(current_setting('diary.scope', true), ''), '{{}}')::uuid[] $$;

CREATE TABLE access_schools (
    school_id uuid PRIMARY KEY,
    district_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    time_zone text NOT NULL
);
CREATE INDEX ON access_schools (district_id);

CREATE TABLE access_roles (
    person_id uuid NOT NULL,
    role text NOT NULL,
    school_id uuid NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    PRIMARY KEY (person_id, role, school_id, starts)
);
CREATE INDEX ON access_roles (school_id, role);

CREATE TABLE access_family (
    pupil_id uuid NOT NULL,
    guardian_id uuid NOT NULL,
    relation text NOT NULL,
    rights text[] NOT NULL,
    PRIMARY KEY (pupil_id, guardian_id)
);
CREATE INDEX ON access_family (guardian_id);

CREATE TABLE access_groups (
    group_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    title text NOT NULL,
    subject text NOT NULL,
    course text NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    closed_on date
);
CREATE INDEX ON access_groups (school_id);

CREATE TABLE access_teaching (
    group_id uuid NOT NULL,
    school_id uuid NOT NULL,
    person_id uuid NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    is_primary boolean NOT NULL,
    PRIMARY KEY (group_id, person_id, starts)
);
CREATE INDEX ON access_teaching (person_id);

CREATE TABLE access_members (
    group_id uuid NOT NULL,
    school_id uuid NOT NULL,
    person_id uuid NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    PRIMARY KEY (group_id, person_id, starts)
);
CREATE INDEX ON access_members (person_id);

-- The names and zones of schools are public. Ties have no school: a question about them always names a person of them.
ALTER TABLE access_schools ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON access_schools FOR SELECT TO {api} USING (true);
CREATE POLICY writer ON access_schools TO {worker} USING (true) WITH CHECK (true);

ALTER TABLE access_family ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY all_rows ON access_family FOR SELECT TO {api} USING (true);
CREATE POLICY writer ON access_family TO {worker} USING (true) WITH CHECK (true);

ALTER TABLE access_roles ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_scope ON access_roles FOR SELECT TO {api}
    USING (school_id = ANY ((SELECT diary_scope())::uuid[]) OR person_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY writer ON access_roles TO {worker} USING (true) WITH CHECK (true);

ALTER TABLE access_groups ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_scope ON access_groups FOR SELECT TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY writer ON access_groups TO {worker} USING (true) WITH CHECK (true);

ALTER TABLE access_teaching ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_scope ON access_teaching FOR SELECT TO {api}
    USING (school_id = ANY ((SELECT diary_scope())::uuid[]) OR person_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY writer ON access_teaching TO {worker} USING (true) WITH CHECK (true);

ALTER TABLE access_members ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY in_scope ON access_members FOR SELECT TO {api}
    USING (school_id = ANY ((SELECT diary_scope())::uuid[]) OR person_id = ANY ((SELECT diary_scope())::uuid[]));
CREATE POLICY writer ON access_members TO {worker} USING (true) WITH CHECK (true);

GRANT SELECT ON access_schools, access_roles, access_family, access_groups, access_teaching, access_members TO {api};
GRANT SELECT, INSERT, UPDATE, DELETE
    ON access_schools, access_roles, access_family, access_groups, access_teaching, access_members TO {worker};
