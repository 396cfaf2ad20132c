-- Who is who, names opened. Rows of a person are seen by the district, the schools where the person has a role,
-- and under the person's own id. The second wall: the questions of views.py ask for rights themselves.

CREATE TABLE schools (
    school_id uuid PRIMARY KEY,
    district_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    code text NOT NULL,
    time_zone text NOT NULL
);

CREATE TABLE years (
    year_id uuid PRIMARY KEY,
    district_id uuid NOT NULL,
    title text NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    terms jsonb NOT NULL
);

CREATE TABLE groups (
    group_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    title text NOT NULL,
    subject text NOT NULL,
    course text NOT NULL,
    room text,
    starts date NOT NULL,
    ends date NOT NULL,
    closed_on date
);
CREATE INDEX ON groups (school_id);

CREATE TABLE enrolments (
    group_id uuid NOT NULL,
    school_id uuid NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    is_primary boolean NOT NULL,
    PRIMARY KEY (group_id, person_id, role, starts)
);
CREATE INDEX ON enrolments (person_id);

CREATE TABLE persons (
    person_id uuid PRIMARY KEY,
    district_id uuid NOT NULL,
    schools uuid[] NOT NULL DEFAULT '{{}}',
    family_name text NOT NULL,
    given_name text NOT NULL,
    middle_name text,
    birth_date text,
    identifier text,
    username text,
    email text,
    phone text,
    grade text,
    search text NOT NULL,
    sort text NOT NULL
);
-- collation "C": a prefix search is a range of the index
CREATE INDEX ON persons (search COLLATE "C");
CREATE INDEX ON persons (identifier);
CREATE INDEX ON persons (district_id);

CREATE TABLE roles (
    person_id uuid NOT NULL,
    school_id uuid NOT NULL,
    role text NOT NULL,
    starts date NOT NULL,
    ends date NOT NULL,
    PRIMARY KEY (person_id, school_id, role, starts)
);
CREATE INDEX ON roles (school_id, role);

CREATE TABLE family (
    pupil_id uuid NOT NULL,
    guardian_id uuid NOT NULL,
    relation text NOT NULL,
    rights text[] NOT NULL,
    PRIMARY KEY (pupil_id, guardian_id)
);
CREATE INDEX ON family (guardian_id);

ALTER TABLE schools ENABLE ROW LEVEL SECURITY;
ALTER TABLE schools FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON schools TO {api}
    USING (school_id = ANY ((SELECT diary_scope())::uuid[]) OR district_id = ANY ((SELECT diary_scope())::uuid[]));

ALTER TABLE years ENABLE ROW LEVEL SECURITY;
ALTER TABLE years FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON years TO {api}
    USING (district_id = ANY ((SELECT diary_scope())::uuid[])
        OR district_id IN (SELECT s.district_id FROM schools s));

ALTER TABLE groups ENABLE ROW LEVEL SECURITY;
ALTER TABLE groups FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON groups TO {api} USING (school_id IN (SELECT s.school_id FROM schools s));

ALTER TABLE enrolments ENABLE ROW LEVEL SECURITY;
ALTER TABLE enrolments FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON enrolments TO {api}
    USING (school_id IN (SELECT s.school_id FROM schools s) OR person_id = ANY ((SELECT diary_scope())::uuid[]));

ALTER TABLE persons ENABLE ROW LEVEL SECURITY;
ALTER TABLE persons FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON persons TO {api}
    USING (person_id = ANY ((SELECT diary_scope())::uuid[])
        OR district_id = ANY ((SELECT diary_scope())::uuid[])
        OR schools && (SELECT diary_scope())::uuid[]);

ALTER TABLE roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE roles FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON roles TO {api}
    USING (person_id = ANY ((SELECT diary_scope())::uuid[]) OR school_id IN (SELECT s.school_id FROM schools s));

ALTER TABLE family ENABLE ROW LEVEL SECURITY;
ALTER TABLE family FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON family TO {api}
    USING (pupil_id = ANY ((SELECT diary_scope())::uuid[])
        OR guardian_id = ANY ((SELECT diary_scope())::uuid[])
        OR EXISTS (SELECT FROM persons p WHERE p.person_id = pupil_id));

GRANT SELECT, INSERT, UPDATE, DELETE ON schools, years, groups, enrolments, persons, roles, family TO {api};
