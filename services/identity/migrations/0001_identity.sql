-- Secrets are rows, never events: logins, password hashes, sessions, codes.
CREATE TABLE accounts (
    account_id uuid PRIMARY KEY,
    person_id uuid NOT NULL UNIQUE,
    login text NOT NULL,
    login_key text NOT NULL UNIQUE,       -- as it is compared: NFKC, case folded
    demo boolean NOT NULL,
    button_role text,                     -- of a demo account that the demo's sign-in page shows
    button_name text,
    CHECK (demo OR button_role IS NULL),
    opened_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz
);

CREATE TABLE passwords (
    account_id uuid PRIMARY KEY REFERENCES accounts,
    hash text NOT NULL,                   -- argon2id with its parameters
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- an answered authorization request; the browser is known by a cookie of which only the hash is kept
CREATE TABLE requests (
    request_id uuid PRIMARY KEY,
    browser bytea NOT NULL,
    csrf bytea NOT NULL,
    client_id text NOT NULL,
    redirect_uri text NOT NULL,
    state text NOT NULL,
    nonce text NOT NULL,
    challenge text NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE sessions (
    session_id uuid PRIMARY KEY,
    secret bytea NOT NULL UNIQUE,         -- SHA-256 of the cookie
    account_id uuid NOT NULL REFERENCES accounts,
    acr text NOT NULL,
    auth_time timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
);
CREATE INDEX ON sessions (account_id) WHERE ended_at IS NULL;

CREATE TABLE codes (
    code bytea PRIMARY KEY,               -- SHA-256
    client_id text NOT NULL,
    redirect_uri text NOT NULL,
    nonce text NOT NULL,
    challenge text NOT NULL,
    session_id uuid NOT NULL REFERENCES sessions,
    expires_at timestamptz NOT NULL,
    used_at timestamptz
);

-- opaque access tokens for /userinfo
CREATE TABLE tokens (
    token bytea PRIMARY KEY,              -- SHA-256
    code bytea NOT NULL,
    session_id uuid NOT NULL REFERENCES sessions,
    expires_at timestamptz NOT NULL
);
CREATE INDEX ON tokens (code);

-- failed passwords in a row, by login (known or not) and by whether the browser has signed in to it before
CREATE TABLE guesses (
    subject bytea PRIMARY KEY,
    failures int NOT NULL,
    free_at timestamptz NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
);

-- browsers that have signed in to an account: their guesses are counted apart, so that a stranger delays only himself
CREATE TABLE devices (
    account_id uuid NOT NULL REFERENCES accounts,
    device bytea NOT NULL,                -- SHA-256 of the cookie
    first_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, device)
);

CREATE TABLE sign_ins (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    account_id uuid,                      -- none for an unknown login
    outcome text NOT NULL,
    method text NOT NULL,
    known_device boolean NOT NULL
);
CREATE INDEX ON sign_ins (account_id, at DESC);

GRANT SELECT, INSERT ON accounts, passwords, sessions, codes, devices, sign_ins TO {api};
GRANT UPDATE (closed_at, login, login_key) ON accounts TO {api};
GRANT UPDATE ON passwords TO {api};
GRANT UPDATE (seen_at, ended_at) ON sessions TO {api};
GRANT UPDATE (used_at) ON codes TO {api};
GRANT UPDATE (seen_at) ON devices TO {api};
GRANT SELECT, INSERT, DELETE ON tokens, requests TO {api};
GRANT SELECT, INSERT, UPDATE, DELETE ON guesses TO {api};
-- the worker sweeps what has run out
GRANT SELECT, DELETE ON codes, tokens, requests, guesses, sign_ins, sessions, devices TO {worker};
