-- Claims, from the door that takes them in to the hand that judges them. The intake adds, through
-- one function, and reads none: what is in a claim is sealed to the judge.

CREATE SCHEMA billing;
COMMENT ON SCHEMA billing IS 'Claims, sealed to whoever judges them, and what became of them.';

CREATE TABLE billing.claim (
    number      bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    software    integer     NOT NULL,
    site        integer     NOT NULL,
    product     bigint      NOT NULL,
    use         smallint    NOT NULL CHECK (use IN (1, 2)),
    key         bytea       NOT NULL CHECK (octet_length(key) = 32),
    digest      bytea       NOT NULL CHECK (octet_length(digest) = 32),
    received    bigint      NOT NULL,
    sealed      bytea       NOT NULL,
    UNIQUE (software, key)
);
COMMENT ON COLUMN billing.claim.received IS 'Microseconds since 1970, by the intake''s clock.';
COMMENT ON COLUMN billing.claim.key IS 'SHA-256 of the site''s own number of the claim.';
COMMENT ON COLUMN billing.claim.digest IS 'SHA-256 of everything in it: the same claim, or another.';
CREATE INDEX claim_by_site ON billing.claim (site, received);

CREATE TABLE billing.ruling (
    claim      bigint      PRIMARY KEY REFERENCES billing.claim,
    ruling     smallint    NOT NULL CHECK (ruling BETWEEN 1 AND 4),
    rule       text        NOT NULL,
    amount     integer     NOT NULL CHECK (amount >= 0),
    disclosure bigint      UNIQUE,
    device     bytea,
    link       bigint,
    digest     bytea,
    follows    bigint      UNIQUE REFERENCES billing.claim,
    shown      bytea       UNIQUE CHECK (octet_length(shown) = 32),
    ended      boolean     NOT NULL,
    ruled_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (device, link),
    CHECK ((device IS NULL) = (link IS NULL) AND (device IS NULL) = (digest IS NULL))
);
COMMENT ON COLUMN billing.ruling.amount IS
    'Cents: of a claim, what is owed; of a request for an agreement, what was agreed to.';
COMMENT ON COLUMN billing.ruling.disclosure IS 'The answer that was billed: once.';
COMMENT ON COLUMN billing.ruling.shown IS 'A site, card, domain and day that were billed: once.';
COMMENT ON COLUMN billing.ruling.ended IS 'The card has ended since it was verified: the insurer bears it.';
COMMENT ON COLUMN billing.ruling.link IS 'The place in a device''s chain that was taken: once.';

CREATE TABLE billing.decision (
    claim      bigint      PRIMARY KEY REFERENCES billing.ruling,
    accepted   boolean     NOT NULL,
    amount     integer     NOT NULL CHECK (amount >= 0 AND (accepted OR amount = 0)),
    by         text        NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE billing.decision IS 'What a person made of a claim that was left to one.';

CREATE TABLE billing.sale (
    claim  bigint   NOT NULL REFERENCES billing.ruling,
    card   bytea    NOT NULL CHECK (octet_length(card) = 32),
    domain smallint NOT NULL,
    basket text     NOT NULL CHECK (basket IN ('TM', 'A', 'B')),
    at     bigint   NOT NULL,
    PRIMARY KEY (claim, card, domain, basket)
);
COMMENT ON TABLE billing.sale IS 'What an insurer''s number of sales counts, by a card''s digest.';
CREATE INDEX sale_by_card ON billing.sale (card, domain, basket, at);

CREATE FUNCTION billing.biller(certificate bytea, in_sandbox boolean)
RETURNS TABLE (software integer, site integer, release text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT s.number, site.number, s.product
    FROM registry.software s JOIN registry.site site USING (site)
    WHERE certificate = ANY(s.certificates) AND s.revoked_at IS NULL AND s.sandbox = in_sandbox
$$;

CREATE FUNCTION billing.take(
    of_software integer, of_site integer, of_product bigint, for_use smallint, its_key bytea, its_digest bytea,
    its_sealed bytea, at bigint, a_day integer
) RETURNS TABLE (received bigint, digest bytea, ruling smallint, rule text, amount integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
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
    END IF;
    RETURN QUERY
        SELECT c.received, c.digest,
               CASE d.accepted WHEN true THEN 1 WHEN false THEN 3 ELSE r.ruling END::smallint,
               r.rule, coalesce(d.amount, r.amount)
        FROM billing.claim c
        LEFT JOIN billing.ruling r ON r.claim = c.number
        LEFT JOIN billing.decision d ON d.claim = c.number
        WHERE c.software = of_software AND c.key = its_key;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA billing FROM PUBLIC;
GRANT USAGE ON SCHEMA billing TO rempart_billing, rempart_judge;
GRANT EXECUTE ON FUNCTION
    billing.biller(bytea, boolean),
    billing.take(integer, integer, bigint, smallint, bytea, bytea, bytea, bigint, integer)
    TO rempart_billing;
GRANT SELECT ON billing.claim TO rempart_judge;
GRANT SELECT, INSERT ON billing.ruling, billing.sale, billing.decision TO rempart_judge;

-- What is cut, the intake reads as the gateway does; the judge reads when it was.
GRANT USAGE ON SCHEMA status TO rempart_billing;
GRANT SELECT ON status.cut_offs TO rempart_billing;
GRANT USAGE ON SCHEMA ledger TO rempart_judge;
GRANT SELECT ON ledger.entry TO rempart_judge;

-- What the judge folds of a long ledger at each pass.
CREATE INDEX entry_of_the_judge ON ledger.entry (idx)
    WHERE body IS NOT NULL AND get_byte(body, 0) IN (3, 7, 11);
