-- One key for each person or school, wrapped by the operator's master key. A destroyed key leaves its row behind, so
-- that "erased" can be told from "never made", and so that no second key is ever made for an erased person.
CREATE TABLE keys (
    owner uuid PRIMARY KEY,
    wrapped bytea,
    master smallint NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    destroyed_at timestamptz,
    act text,
    CONSTRAINT whole_or_destroyed CHECK (
        (wrapped IS NOT NULL AND destroyed_at IS NULL AND act IS NULL)
        OR (wrapped IS NULL AND destroyed_at IS NOT NULL AND act IS NOT NULL)
    )
);

-- Volatile plpgsql on purpose: its second statement sees the rows that a concurrent caller committed while the first
-- one waited for them; in a single SQL statement those rows would be missing from the answer.
CREATE FUNCTION make_keys(owners uuid[], fresh bytea[], wrapped_by smallint)
RETURNS TABLE (owner uuid, wrapped bytea, master smallint, destroyed_at timestamptz, act text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO keys (owner, wrapped, master)
    SELECT given.owner, given.wrapped, wrapped_by FROM unnest(owners, fresh) AS given (owner, wrapped)
    ORDER BY given.owner
    ON CONFLICT ON CONSTRAINT keys_pkey DO NOTHING;
    RETURN QUERY SELECT k.owner, k.wrapped, k.master, k.destroyed_at, k.act FROM keys k WHERE k.owner = ANY (owners);
END $$;

-- The only way to change a row: a key can be destroyed, never replaced or brought back. The first act stands.
CREATE FUNCTION destroy_key(erased uuid, by_act text) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO keys (owner, wrapped, master, destroyed_at, act) VALUES (erased, NULL, 0, now(), by_act)
    ON CONFLICT (owner) DO UPDATE SET wrapped = NULL, destroyed_at = now(), act = by_act
    WHERE keys.destroyed_at IS NULL
$$;

REVOKE ALL ON FUNCTION make_keys (uuid[], bytea[], smallint) FROM PUBLIC;
REVOKE ALL ON FUNCTION destroy_key (uuid, text) FROM PUBLIC;
GRANT SELECT ON keys TO {api};
GRANT EXECUTE ON FUNCTION make_keys (uuid[], bytea[], smallint), destroy_key (uuid, text) TO {api};
