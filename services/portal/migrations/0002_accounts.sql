-- The worker hears of accounts from identity, and ends their sessions or has them looked at again.
GRANT UPDATE (checked_at) ON sessions TO {worker};
CREATE INDEX ON sessions (account_id);
