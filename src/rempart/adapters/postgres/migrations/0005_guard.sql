-- What budgets and guard need: numbers of sites, what sites know of people, appended in one commit.

ALTER TABLE registry.site
    ADD COLUMN number integer GENERATED ALWAYS AS IDENTITY UNIQUE,
    ADD COLUMN place  text NOT NULL DEFAULT '' CHECK (place ~ '^([0-9][0-9AB])?$'),
    ADD COLUMN since  date;
COMMENT ON COLUMN registry.site.place IS 'Département, two characters; empty where not known.';
COMMENT ON COLUMN registry.site.since IS
    'Day on which it came to take part; null is long ago.';

ALTER TABLE registry.software RENAME COLUMN release TO product;
ALTER TABLE registry.software ADD COLUMN usage smallint NOT NULL DEFAULT 0;
COMMENT ON COLUMN registry.software.product IS 'Product and release, as its vendor states them.';
COMMENT ON COLUMN registry.software.usage IS 'Budget class: src/rempart/domain/practice.py.';

CREATE TABLE ledger.known (
    pair bytea   PRIMARY KEY CHECK (octet_length(pair) = 16),
    seen integer NOT NULL,
    days bytea   NOT NULL CHECK (octet_length(days) = 10)
) WITH (fillfactor = 80);
COMMENT ON TABLE ledger.known IS
    'What a site knows of a beneficiary, by keyed pair: made again from entries'' details.';
COMMENT ON COLUMN ledger.known.seen IS 'Last day answered about, from 2000-01-01: when it is erased.';
GRANT SELECT ON ledger.known TO rempart_vault;

DROP FUNCTION ledger.append(bigint, bigint, bytea, integer[], bytea, integer[], bigint[], bytea);

-- One round trip, one commit: bodies are fixed width, details are cut at ``ends``; pairs are 16
-- bytes and their days 10.
CREATE FUNCTION ledger.append(
    my_epoch bigint, first_idx bigint, bodies bytea, ends integer[], details bytea,
    levels integer[], indexes bigint[], hashes bytea, pairs bytea, days bytea
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    standing bigint;
BEGIN
    SELECT epoch INTO standing FROM ledger.fence FOR SHARE;
    IF standing <> my_epoch THEN
        RAISE EXCEPTION 'fenced' USING ERRCODE = 'RM001';
    END IF;
    IF first_idx <> coalesce((SELECT max(idx) FROM ledger.entry), -1) + 1 THEN
        RAISE EXCEPTION 'not the next index' USING ERRCODE = 'RM002';
    END IF;
    INSERT INTO ledger.entry (idx, body, detail)
    SELECT first_idx + i - 1,
           substr(bodies, (i - 1) * 128 + 1, 128),
           substr(details, coalesce(ends[i - 1], 0) + 1, ends[i] - coalesce(ends[i - 1], 0))
    FROM generate_series(1, array_length(ends, 1)) AS i;
    IF array_length(levels, 1) > 0 THEN
        INSERT INTO ledger.subtree (level, idx, hash)
        SELECT levels[i], indexes[i], substr(hashes, (i - 1) * 32 + 1, 32)
        FROM generate_series(1, array_length(levels, 1)) AS i;
    END IF;
    IF length(pairs) > 0 THEN
        INSERT INTO ledger.known (pair, seen, days)
        SELECT substr(pairs, i * 16 + 1, 16),
               (get_byte(days, i * 10 + 2) << 8) + get_byte(days, i * 10 + 3),
               substr(days, i * 10 + 1, 10)
        FROM generate_series(0, length(pairs) / 16 - 1) AS i
        ON CONFLICT (pair) DO UPDATE SET seen = excluded.seen, days = excluded.days;
    END IF;
END $$;

REVOKE ALL ON FUNCTION ledger.append(
    bigint, bigint, bytea, integer[], bytea, integer[], bigint[], bytea, bytea, bytea)
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append(
    bigint, bigint, bytea, integer[], bytea, integer[], bigint[], bytea, bytea, bytea)
    TO rempart_vault;
