-- Incidents: what persons have said of them, sealed and never changed, and what whoever looks into
-- one reads beside. Incidents themselves stand in the ledger and nowhere else.

CREATE SCHEMA incident;
COMMENT ON SCHEMA incident IS 'What is said of incidents, sealed to whoever answers for them.';

CREATE TABLE incident.spoken (
    number  bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest  bytea       NOT NULL UNIQUE CHECK (octet_length(digest) = 32),
    sealed  bytea       NOT NULL,
    kept_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE incident.spoken IS
    'What was said counts once an entry of the ledger has its digest; who, what kind and when stand there.';

CREATE FUNCTION incident.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was said of an incident stays' USING ERRCODE = 'RM003';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON incident.spoken
    FOR EACH ROW EXECUTE FUNCTION incident.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON incident.spoken
    FOR EACH STATEMENT EXECUTE FUNCTION incident.refuse_change();

-- Accounts by their names, and nothing else of whoever takes part.
CREATE FUNCTION incident.accounts() RETURNS TABLE (number integer, name text, site text, place integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT s.number, s.client_id, s.site, r.number
    FROM registry.software s JOIN registry.site r USING (site)
    UNION ALL
    SELECT p.number, '@' || p.login, coalesce(p.site, ''), coalesce(r.number, 0)
    FROM registry.person p LEFT JOIN registry.site r USING (site)
$$;

-- Claims that an account has sent: nothing of what is in them.
CREATE FUNCTION incident.billed(accounts integer[], since bigint, until bigint)
RETURNS TABLE (number bigint, software integer, use smallint, received bigint, ruling smallint, amount integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT c.number, c.software, c.use, c.received,
           CASE d.accepted WHEN true THEN 1 WHEN false THEN 3 ELSE r.ruling END::smallint,
           coalesce(d.amount, r.amount, 0)
    FROM billing.claim c
    LEFT JOIN billing.ruling r ON r.claim = c.number
    LEFT JOIN billing.decision d ON d.claim = c.number
    WHERE c.software = ANY(accounts) AND c.received BETWEEN since AND until
    ORDER BY c.number
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA incident FROM PUBLIC;
GRANT USAGE ON SCHEMA incident, ledger TO rempart_incident;
GRANT SELECT, INSERT ON incident.spoken TO rempart_incident;
GRANT SELECT ON ledger.entry TO rempart_incident;
GRANT EXECUTE ON FUNCTION incident.accounts(), incident.billed(integer[], bigint, bigint)
    TO rempart_incident;

-- What is folded of a long ledger each time.
CREATE INDEX entry_of_incidents ON ledger.entry (idx)
    WHERE body IS NOT NULL AND get_byte(body, 0) IN (7, 8, 11);
