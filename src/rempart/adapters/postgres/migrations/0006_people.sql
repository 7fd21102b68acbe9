-- People who sign in: one number space with software, their passkeys and one-time codes, and what
-- was read of the public directory. No name of a professional; a delegate's label is the sponsor's.

CREATE SEQUENCE registry.account_number AS integer;
SELECT setval('registry.account_number',
              coalesce((SELECT max(number) FROM registry.software), 0) + 1, false);
ALTER TABLE registry.software ALTER COLUMN number DROP IDENTITY;
ALTER TABLE registry.software
    ALTER COLUMN number SET DEFAULT nextval('registry.account_number');

ALTER TABLE registry.site ADD COLUMN contract text NOT NULL DEFAULT '';
COMMENT ON COLUMN registry.site.contract IS 'The operator''s reference of its contract.';

CREATE TABLE registry.person (
    number        integer     PRIMARY KEY DEFAULT nextval('registry.account_number'),
    login         text        NOT NULL UNIQUE CHECK (login ~ '^[a-z0-9][a-z0-9.-]{1,31}$'),
    role          smallint    NOT NULL CHECK (role BETWEEN 1 AND 7),
    rpps          text        NOT NULL DEFAULT '',
    profession    text        NOT NULL DEFAULT '',
    sponsor       integer     REFERENCES registry.person,
    site          text        REFERENCES registry.site,
    amc           integer     CHECK (amc BETWEEN 1 AND 99999999),
    usage         smallint    NOT NULL DEFAULT 0,
    label         text        NOT NULL DEFAULT '' CHECK (length(label) <= 40),
    since         date        NOT NULL DEFAULT current_date,
    suspended     smallint    CHECK (suspended BETWEEN 1 AND 4),
    left_at       timestamptz,
    ways          integer     NOT NULL DEFAULT 0,
    confirmations jsonb       NOT NULL DEFAULT '[]',
    registered_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((role = 1) = (rpps <> '') AND (role = 1) = (profession <> '')),
    CHECK ((role = 2) = (sponsor IS NOT NULL)),
    CHECK ((role <= 2) = (site IS NOT NULL)),
    CHECK ((role IN (5, 6)) = (amc IS NOT NULL))
);
-- One professional, several sites: a row each.
CREATE UNIQUE INDEX person_at_site ON registry.person (rpps, site) WHERE role = 1;
CREATE INDEX person_sponsor ON registry.person (sponsor) WHERE sponsor IS NOT NULL;
COMMENT ON COLUMN registry.person.role IS 'src/rempart/domain/person.py, as usage and suspended.';
COMMENT ON COLUMN registry.person.label IS
    'What a sponsor calls their delegate; nowhere else, never in the ledger.';
COMMENT ON COLUMN registry.person.ways IS
    'Moves when every passkey and code of before ends: sessions of before end with them.';
CREATE TRIGGER moved AFTER INSERT OR UPDATE OR DELETE ON registry.person
    FOR EACH STATEMENT EXECUTE FUNCTION registry.moved();

CREATE TABLE registry.passkey (
    credential_id   bytea    PRIMARY KEY CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
    account         integer  NOT NULL REFERENCES registry.person,
    public_key      bytea    NOT NULL,
    sign_count      bigint   NOT NULL CHECK (sign_count >= 0),
    backup_eligible boolean  NOT NULL,
    backed_up       boolean  NOT NULL,
    aaguid          text     NOT NULL,
    made            bigint   NOT NULL,
    revoked_at      timestamptz
);
COMMENT ON COLUMN registry.passkey.made IS 'Microseconds since 1970-01-01 UTC.';
CREATE INDEX passkey_account ON registry.passkey (account);

CREATE TABLE registry.enrolment (
    code_hash bytea       PRIMARY KEY CHECK (octet_length(code_hash) = 32),
    account   integer     NOT NULL REFERENCES registry.person,
    until     bigint      NOT NULL,
    spent_at  timestamptz
);
COMMENT ON TABLE registry.enrolment IS 'One-time codes by their SHA-256: a first passkey each.';
CREATE INDEX enrolment_account ON registry.enrolment (account);

CREATE TABLE registry.extract (
    read_at timestamptz PRIMARY KEY DEFAULT clock_timestamp(),
    day     date        NOT NULL,
    rows    integer     NOT NULL,
    bad     integer     NOT NULL
);
COMMENT ON TABLE registry.extract IS 'Takings-in of the public directory.';

GRANT SELECT ON registry.person, registry.passkey, registry.enrolment TO rempart_vault;
GRANT SELECT ON registry.extract TO rempart_vault, rempart_auditor;

-- The auditor sees how many professionals are contracted, and nobody of them.
CREATE FUNCTION registry.contracted() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT count(*) FROM registry.person WHERE role = 1 AND left_at IS NULL
$$;

-- What the vault may write of people: passkeys of people who are there, spent codes, delegates of
-- a professional at the professional's own site. It makes no professional, no staff, no site.

CREATE FUNCTION registry.add_passkey(
    for_account integer, credential bytea, key bytea, signed bigint, eligible boolean,
    backed boolean, guid text, made_at bigint
) RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO registry.passkey (credential_id, account, public_key, sign_count, backup_eligible,
                                  backed_up, aaguid, made)
    VALUES (credential, for_account, key, signed, eligible, backed, guid, made_at)
    ON CONFLICT (credential_id) DO NOTHING
    RETURNING true
$$;

CREATE FUNCTION registry.move_passkey(credential bytea, signed bigint, backed boolean)
RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE registry.passkey SET sign_count = signed, backed_up = backed
    WHERE credential_id = credential AND revoked_at IS NULL AND sign_count <= signed
    RETURNING true
$$;

CREATE FUNCTION registry.revoke_passkey(of_account integer, credential bytea)
RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE registry.passkey SET revoked_at = now()
    WHERE credential_id = credential AND account = of_account AND revoked_at IS NULL
    RETURNING true
$$;

-- Spends a code and keeps the passkey that it was for, or does neither.
CREATE FUNCTION registry.spend_enrolment(
    hash bytea, at bigint, credential bytea, key bytea, signed bigint, eligible boolean,
    backed boolean, guid text
) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    whose integer;
BEGIN
    UPDATE registry.enrolment SET spent_at = now()
    WHERE code_hash = hash AND spent_at IS NULL AND until > at
    RETURNING account INTO whose;
    IF whose IS NULL THEN
        RETURN NULL;
    END IF;
    IF registry.add_passkey(whose, credential, key, signed, eligible, backed, guid, at) IS NULL
    THEN
        RAISE EXCEPTION 'the credential is there already' USING ERRCODE = 'RM005';
    END IF;
    RETURN whose;
END $$;

CREATE FUNCTION registry.shut_ways(of_account integer) RETURNS void
LANGUAGE sql SET search_path = pg_catalog AS $$
    UPDATE registry.passkey SET revoked_at = now()
    WHERE account = of_account AND revoked_at IS NULL;
    UPDATE registry.enrolment SET spent_at = now()
    WHERE account = of_account AND spent_at IS NULL;
$$;

CREATE FUNCTION registry.take_delegate(
    new_login text, of_sponsor integer, new_usage smallint, new_label text, hash bytea,
    good_until bigint, at_most integer
) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    at_site text;
    made integer;
BEGIN
    SELECT site INTO at_site FROM registry.person
    WHERE number = of_sponsor AND role = 1 AND suspended IS NULL AND left_at IS NULL
    FOR UPDATE;
    IF at_site IS NULL OR at_most <= (
        SELECT count(*) FROM registry.person WHERE sponsor = of_sponsor AND left_at IS NULL)
    THEN
        RAISE EXCEPTION 'no delegate more' USING ERRCODE = 'RM004';
    END IF;
    INSERT INTO registry.person (login, role, sponsor, site, usage, label)
    VALUES (new_login, 2, of_sponsor, at_site, new_usage, new_label)
    RETURNING number INTO made;
    INSERT INTO registry.enrolment (code_hash, account, until) VALUES (hash, made, good_until);
    RETURN made;
END $$;

CREATE FUNCTION registry.enrol_again(
    of_account integer, by_sponsor integer, hash bytea, good_until bigint
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    UPDATE registry.person SET ways = ways + 1
    WHERE number = of_account AND sponsor = by_sponsor AND left_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM registry.shut_ways(of_account);
    INSERT INTO registry.enrolment (code_hash, account, until)
    VALUES (hash, of_account, good_until);
    RETURN true;
END $$;

CREATE FUNCTION registry.end_delegate(of_account integer, by_sponsor integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    UPDATE registry.person SET left_at = now(), label = ''
    WHERE number = of_account AND sponsor = by_sponsor AND left_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM registry.shut_ways(of_account);
    RETURN true;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA registry FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    registry.add_passkey(integer, bytea, bytea, bigint, boolean, boolean, text, bigint),
    registry.move_passkey(bytea, bigint, boolean),
    registry.revoke_passkey(integer, bytea),
    registry.spend_enrolment(bytea, bigint, bytea, bytea, bigint, boolean, boolean, text),
    registry.take_delegate(text, integer, smallint, text, bytea, bigint, integer),
    registry.enrol_again(integer, integer, bytea, bigint),
    registry.end_delegate(integer, integer)
    TO rempart_vault;
GRANT EXECUTE ON FUNCTION registry.contracted() TO rempart_vault, rempart_auditor;
