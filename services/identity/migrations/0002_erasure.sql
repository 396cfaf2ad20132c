-- Of an erased person the login goes, and by what he was known; the account stays closed, as an id.
GRANT SELECT, UPDATE (closed_at, login, login_key, button_name, button_role) ON accounts TO {worker};
GRANT SELECT, DELETE ON passwords TO {worker};
GRANT UPDATE (ended_at) ON sessions TO {worker};
