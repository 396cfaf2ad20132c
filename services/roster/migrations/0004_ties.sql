-- Ties between families and pupils that are the school's own word: claims that wait for it, invitations it gave out.

ALTER TABLE family ADD COLUMN by_school boolean NOT NULL DEFAULT false;

CREATE TABLE claims (
    claim_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    guardian_id uuid NOT NULL,
    guardian text NOT NULL,
    child text NOT NULL,
    class_title text NOT NULL,
    relation text NOT NULL,
    at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'waiting',
    pupil_id uuid,
    decided_by uuid,
    decided_at timestamptz
);
CREATE INDEX ON claims (guardian_id);
CREATE INDEX ON claims (school_id) WHERE state = 'waiting';

ALTER TABLE claims ENABLE ROW LEVEL SECURITY;
ALTER TABLE claims FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON claims TO {api}
    USING (school_id = ANY ((SELECT diary_scope())::uuid[]) OR guardian_id = ANY ((SELECT diary_scope())::uuid[]));

-- the code itself is kept nowhere; its hash stands beside the invitation, for whoever shows it
CREATE TABLE invitations (
    invitation_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    pupil_id uuid NOT NULL,
    relation text NOT NULL,
    rights text[] NOT NULL,
    expires_on date NOT NULL,
    at timestamptz NOT NULL,
    by_id uuid NOT NULL,
    state text NOT NULL DEFAULT 'open',
    guardian_id uuid,
    ended_at timestamptz
);
CREATE INDEX ON invitations (pupil_id);

ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON invitations TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]));

-- not made anew from events: a code that was given out holds while this row does
CREATE TABLE invitation_codes (
    secret_hash text PRIMARY KEY,
    invitation_id uuid NOT NULL,
    school_id uuid NOT NULL,
    pupil_id uuid NOT NULL
);

ALTER TABLE invitation_codes ENABLE ROW LEVEL SECURITY;
ALTER TABLE invitation_codes FORCE ROW LEVEL SECURITY;
CREATE POLICY scoped ON invitation_codes TO {api} USING (school_id = ANY ((SELECT diary_scope())::uuid[]));
-- who shows a code sees its row, and no other
CREATE POLICY by_code ON invitation_codes FOR SELECT TO {api}
    USING (secret_hash = (SELECT current_setting('diary.code', true)));

-- whoever looks for his child's school finds it by name: within such a question, schools and districts are open
CREATE POLICY named ON schools FOR SELECT TO {api} USING ((SELECT current_setting('diary.naming', true)) = 'on');

GRANT SELECT, INSERT, UPDATE, DELETE ON claims, invitations TO {api};
GRANT SELECT, INSERT, DELETE ON invitation_codes TO {api};
