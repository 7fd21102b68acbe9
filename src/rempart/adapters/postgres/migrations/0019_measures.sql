-- What the check of terms needs to know, in counts: up to a thousand, which is enough to be wrong.

-- Entries that speak of persons, accounts and sites, a week past their term, and not held. The week is for the nightly
-- command that erases them.
CREATE FUNCTION ledger.overdue() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT count(*) FROM (
        SELECT FROM ledger.entry
        WHERE body IS NOT NULL AND get_byte(body, 0) IN (1, 2, 3, 4, 10, 12)
          AND ledger.entry_time(body) < now() - interval '12 months 7 days'
          AND NOT EXISTS (
              SELECT FROM ledger.hold WHERE ledger.entry_time(body) BETWEEN from_at AND until_at)
        LIMIT 1000) AS old
$$;

CREATE FUNCTION ledger.held() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT count(*) FROM ledger.hold
$$;

-- People whose last lock ended so many months and a week ago.
CREATE FUNCTION sealed.overdue(months integer) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT count(*) FROM (
        SELECT FROM sealed.person
        WHERE last_end < current_date - make_interval(months => months, days => 7)
        LIMIT 1000) AS old
$$;

REVOKE ALL ON FUNCTION ledger.overdue(), ledger.held(), sealed.overdue(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.overdue(), ledger.held(), sealed.overdue(integer)
    TO rempart_vault;
