-- What is cut, for every process but the vault: one signed row, which the gateway may read and
-- nothing else. A schema of its own, so that nothing beside it is ever granted by mistake.

CREATE SCHEMA status;
COMMENT ON SCHEMA status IS 'What anybody may know of the service.';

CREATE TABLE status.cut_offs (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    note     text    NOT NULL
);
COMMENT ON TABLE status.cut_offs IS
    'A note that the vault has signed: what is cut, and when it last said so.';

CREATE FUNCTION status.put_cut_offs(my_epoch bigint, signed text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    standing bigint;
BEGIN
    SELECT epoch INTO standing FROM ledger.fence FOR SHARE;
    IF standing <> my_epoch THEN
        RAISE EXCEPTION 'fenced' USING ERRCODE = 'RM001';
    END IF;
    INSERT INTO status.cut_offs (note) VALUES (signed)
    ON CONFLICT (only_row) DO UPDATE SET note = excluded.note;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA status FROM PUBLIC;
GRANT USAGE ON SCHEMA status TO rempart_gateway, rempart_vault;
GRANT SELECT ON status.cut_offs TO rempart_gateway;
GRANT EXECUTE ON FUNCTION status.put_cut_offs(bigint, text) TO rempart_vault;
