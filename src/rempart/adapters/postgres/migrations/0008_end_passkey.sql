-- A person ends one passkey of their own: a telephone was lost, or has changed hands.

CREATE FUNCTION registry.end_passkey(of_account integer, credential bytea)
RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE registry.passkey SET revoked_at = now()
    WHERE credential_id = credential AND account = of_account AND revoked_at IS NULL
    RETURNING true
$$;

REVOKE ALL ON FUNCTION registry.end_passkey(integer, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION registry.end_passkey(integer, bytea) TO rempart_vault;
