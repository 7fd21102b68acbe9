-- Whoever sends a claim again, as it is, is told what became of it: each time is kept, before anybody
-- is told, and is never changed. Claims that an account has sent, or was told of, are read by whoever
-- looks into an incident; what is in them stays sealed to the judge.

CREATE TABLE billing.told (
    number   bigint   GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    claim    bigint   NOT NULL REFERENCES billing.claim,
    software integer  NOT NULL,
    at       bigint   NOT NULL,
    ruling   smallint CHECK (ruling BETWEEN 1 AND 4)
);
COMMENT ON TABLE billing.told IS 'A claim that was sent again: its sender was told where it stood.';
COMMENT ON COLUMN billing.told.at IS 'Microseconds since 1970, by the intake''s clock.';
COMMENT ON COLUMN billing.told.ruling IS 'What was told: none, that it waits.';
CREATE INDEX told_by_software ON billing.told (software, at);
CREATE INDEX told_by_claim ON billing.told (claim, at);

CREATE FUNCTION billing.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was told of a claim stays' USING ERRCODE = 'RM003';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON billing.told
    FOR EACH ROW EXECUTE FUNCTION billing.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON billing.told
    FOR EACH STATEMENT EXECUTE FUNCTION billing.refuse_change();

CREATE OR REPLACE FUNCTION billing.take(
    of_software integer, of_site integer, of_product bigint, for_use smallint, its_key bytea, its_digest bytea,
    its_sealed bytea, at bigint, a_day integer
) RETURNS TABLE (received bigint, digest bytea, ruling smallint, rule text, amount integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    fresh boolean := false;
    stands record;
BEGIN
    IF NOT EXISTS (
        SELECT FROM billing.claim c WHERE c.software = of_software AND c.key = its_key
    ) THEN
        IF (SELECT count(*) FROM billing.claim c
            WHERE c.site = of_site AND c.received > at - 86400000000) >= a_day THEN
            RETURN;
        END IF;
        INSERT INTO billing.claim (software, site, product, use, key, digest, received, sealed)
        VALUES (of_software, of_site, of_product, for_use, its_key, its_digest, at, its_sealed)
        ON CONFLICT DO NOTHING;
        fresh := FOUND;
    END IF;
    SELECT c.number, c.received AS since, c.digest AS said,
           CASE d.accepted WHEN true THEN 1 WHEN false THEN 3 ELSE r.ruling END::smallint AS ruled,
           r.rule AS kept, coalesce(d.amount, r.amount) AS owed
    INTO stands
    FROM billing.claim c
    LEFT JOIN billing.ruling r ON r.claim = c.number
    LEFT JOIN billing.decision d ON d.claim = c.number
    WHERE c.software = of_software AND c.key = its_key;
    IF NOT fresh AND stands.said = its_digest THEN
        IF (SELECT count(*) FROM billing.told t
            WHERE t.software = of_software AND t.at > take.at - 86400000000) >= 10 * a_day THEN
            RETURN;
        END IF;
        INSERT INTO billing.told (claim, software, at, ruling)
        VALUES (stands.number, of_software, take.at, stands.ruled);
    END IF;
    RETURN QUERY SELECT stands.since, stands.said, stands.ruled, stands.kept, stands.owed;
END $$;

CREATE FUNCTION incident.claims(accounts integer[], since bigint, until bigint)
RETURNS TABLE (
    number bigint, software integer, use smallint, received bigint, sealed bytea,
    ruling smallint, rule text, amount integer, told_at bigint[], told smallint[]
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT c.number, c.software, c.use, c.received, c.sealed,
           CASE d.accepted WHEN true THEN 1 WHEN false THEN 3 ELSE r.ruling END::smallint,
           coalesce(r.rule, ''), coalesce(d.amount, r.amount, 0),
           coalesce(t.moments, '{}'), coalesce(t.rulings, '{}')
    FROM billing.claim c
    LEFT JOIN billing.ruling r ON r.claim = c.number
    LEFT JOIN billing.decision d ON d.claim = c.number
    LEFT JOIN LATERAL (
        SELECT array_agg(x.at ORDER BY x.at, x.number) AS moments,
               array_agg(coalesce(x.ruling, 0::smallint) ORDER BY x.at, x.number) AS rulings
        FROM billing.told x WHERE x.claim = c.number AND x.at BETWEEN since AND until
    ) t ON true
    WHERE c.number IN (
        SELECT s.number FROM billing.claim s
        WHERE s.software = ANY(accounts) AND s.received BETWEEN since AND until
        UNION
        SELECT x.claim FROM billing.told x
        WHERE x.software = ANY(accounts) AND x.at BETWEEN since AND until)
    ORDER BY c.number
$$;

REVOKE ALL ON FUNCTION billing.refuse_change(), incident.claims(integer[], bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION incident.claims(integer[], bigint, bigint) TO rempart_incident;
