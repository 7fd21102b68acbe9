-- Who takes part: insurers, sites, software. Nothing about insured persons.
-- ``generation`` moves with every change, so that a live vault knows when to read again.

CREATE TABLE registry.generation (
    only_row   boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    generation bigint  NOT NULL DEFAULT 0
);
INSERT INTO registry.generation DEFAULT VALUES;

CREATE TABLE registry.insurer (
    amc           integer     PRIMARY KEY CHECK (amc BETWEEN 1 AND 99999999),
    bundle        jsonb       NOT NULL,
    confirmations jsonb       NOT NULL,
    sandbox       boolean     NOT NULL,
    registered_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN registry.insurer.bundle IS
    'What the insurer publishes: keys, fingerprint, member-number rule.';

CREATE TABLE registry.site (
    site      text    PRIMARY KEY,
    kind      text    NOT NULL,
    daily_cap integer CHECK (daily_cap > 0)
);
COMMENT ON COLUMN registry.site.daily_cap IS
    'Distinct beneficiaries a day; null is the cap of its kind.';

CREATE TABLE registry.software (
    client_id     text        PRIMARY KEY,
    number        integer     GENERATED ALWAYS AS IDENTITY UNIQUE,
    site          text        NOT NULL REFERENCES registry.site,
    jwks          jsonb       NOT NULL,
    certificates  bytea[]     NOT NULL,
    release       text        NOT NULL DEFAULT '',
    sandbox       boolean     NOT NULL,
    revoked_at    timestamptz,
    registered_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN registry.software.certificates IS
    'SHA-256 of the client certificates it may present (RFC 8705).';

CREATE FUNCTION registry.moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE registry.generation SET generation = generation + 1;
    RETURN NULL;
END $$;

CREATE TRIGGER moved AFTER INSERT OR UPDATE OR DELETE ON registry.insurer
    FOR EACH STATEMENT EXECUTE FUNCTION registry.moved();
CREATE TRIGGER moved AFTER INSERT OR UPDATE OR DELETE ON registry.site
    FOR EACH STATEMENT EXECUTE FUNCTION registry.moved();
CREATE TRIGGER moved AFTER INSERT OR UPDATE OR DELETE ON registry.software
    FOR EACH STATEMENT EXECUTE FUNCTION registry.moved();

GRANT SELECT ON ALL TABLES IN SCHEMA registry TO rempart_vault, rempart_importer, rempart_auditor;
