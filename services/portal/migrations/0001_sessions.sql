-- Sessions of browsers. Only hashes of cookies are kept; no token of anyone is stored.
CREATE TABLE sign_ins (
    state bytea PRIMARY KEY,           -- SHA-256
    browser bytea NOT NULL,            -- SHA-256 of the cookie of the browser that began it
    nonce text NOT NULL,
    verifier text NOT NULL,
    return_to text NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE sessions (
    secret bytea PRIMARY KEY,          -- SHA-256 of the cookie
    issuer text NOT NULL,
    subject text NOT NULL,             -- with the issuer the key of the account, never an e-mail address
    account_id uuid NOT NULL,
    person_id uuid NOT NULL,
    sid text NOT NULL,                 -- the provider's name of its session
    acr text NOT NULL,
    auth_time bigint NOT NULL,
    began_at timestamptz NOT NULL DEFAULT now(),
    seen_at timestamptz NOT NULL DEFAULT now(),
    checked_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ON sessions (issuer, sid);

GRANT SELECT, INSERT, DELETE ON sign_ins TO {api};
GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO {api};
GRANT SELECT, DELETE ON sign_ins, sessions TO {worker};
