-- Who is erased may have been read this morning, by a signed code: gone before today is closed, they would be in no daily
-- table, and an incident could not name them. So of them the handle alone, which only their insurer reads, waits until
-- the day of their erasure is closed.

CREATE TABLE sealed.leaving (
    amc    integer     NOT NULL,
    handle bytea       NOT NULL,
    since  timestamptz NOT NULL,
    PRIMARY KEY (amc, handle)
);
COMMENT ON TABLE sealed.leaving IS 'Erased, and answered about no more: named until the days before are closed.';
CREATE INDEX leaving_since ON sealed.leaving (since);

CREATE TABLE sealed.named (
    one   boolean     PRIMARY KEY DEFAULT true CHECK (one),
    until timestamptz NOT NULL
);
COMMENT ON COLUMN sealed.named.until IS 'Whoever was read before stands in the table of a closed day.';
INSERT INTO sealed.named (until) VALUES ('epoch');

-- The vault closes days. What was named stays so.
CREATE FUNCTION sealed.name_until(moment timestamptz) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE sealed.named SET until = greatest(until, moment)
$$;

-- Persons without a lock: who is leaving, and whose cards were all taken back. Of persons the vault reads the handle alone.
CREATE FUNCTION sealed.without_lock(insurer integer) RETURNS SETOF bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT handle FROM sealed.leaving WHERE amc = insurer
    UNION ALL
    SELECT handle FROM sealed.person
    WHERE amc = insurer AND NOT EXISTS (
        SELECT FROM sealed.lock WHERE lock.amc = person.amc AND lock.handle = person.handle)
$$;

-- People whose last lock ended so many months and a week ago; and handles that had to wait no more, a week ago.
CREATE OR REPLACE FUNCTION sealed.overdue(months integer) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT count(*) FROM (
        SELECT FROM sealed.person
        WHERE last_end < current_date - make_interval(months => months, days => 7)
        UNION ALL
        SELECT FROM sealed.leaving, sealed.named
        WHERE since < greatest(until - interval '8 days', now() - interval '12 months 8 days')
        LIMIT 1000) AS old
$$;

REVOKE ALL ON FUNCTION sealed.name_until(timestamptz), sealed.without_lock(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sealed.name_until(timestamptz), sealed.without_lock(integer)
    TO rempart_vault;
GRANT SELECT, INSERT, UPDATE, DELETE ON sealed.leaving TO rempart_importer;
GRANT SELECT ON sealed.named TO rempart_importer;
