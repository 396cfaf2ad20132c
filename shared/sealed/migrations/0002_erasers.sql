-- Only the services that decide about erasure may destroy a key; all others read keys and make new ones.
REVOKE EXECUTE ON FUNCTION destroy_key (uuid, text) FROM {api};
GRANT SELECT ON keys TO {eraser};
GRANT EXECUTE ON FUNCTION make_keys (uuid[], bytea[], smallint), destroy_key (uuid, text) TO {eraser};
