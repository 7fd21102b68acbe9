-- biller --
SELECT software, site, release FROM billing.biller(%(certificate)b, %(sandbox)s)

-- take --
SELECT received, digest, ruling, rule, amount FROM billing.take(
    %(software)s, %(site)s, %(product)s, %(use)s::smallint, %(key)b, %(digest)b, %(sealed)b, %(received)s,
    %(a_day)s)

-- ready --
-- No standby, no server that was made read-only, and a function that the role may call.
SELECT NOT pg_is_in_recovery() AND NOT current_setting('transaction_read_only')::bool
   AND has_function_privilege('billing.take'::regproc, 'EXECUTE')

-- lock --
SELECT pg_try_advisory_lock(%(name)s)

-- unlock --
SELECT pg_advisory_unlock(%(name)s)

-- waiting --
SELECT c.number, c.software, c.site, c.product, billing.kind_of(c.site), c.received, c.sealed
FROM billing.claim c
WHERE c.number > %(after)s AND c.number <= %(upto)s AND NOT EXISTS (SELECT FROM billing.ruling r WHERE r.claim = c.number)
ORDER BY c.number LIMIT %(limit)s

-- newest --
SELECT coalesce(max(number), 0) FROM billing.claim

-- last_ruled --
SELECT coalesce(max(claim), 0) FROM billing.ruling

-- keep --
INSERT INTO billing.ruling (
    claim, ruling, rule, amount, disclosure, asks, device, link, digest, follows, shown, ended)
VALUES (%(claim)s, %(ruling)s, %(rule)s, %(amount)s, %(disclosure)s, %(asks)s, %(device)b, %(link)s,
        %(digest)b, %(follows)s, %(shown)b, %(ended)s)

-- sold --
INSERT INTO billing.sale (claim, card, domain, basket, at)
VALUES (%(claim)s, %(card)b, %(domain)s, %(basket)s, %(at)s)

-- care --
INSERT INTO billing.care (claim, care, answered) VALUES (%(claim)s, %(care)b, %(answered)s)

-- same_care --
SELECT c.number, c.sealed, coalesce(d.amount, r.amount)
FROM billing.claim c
JOIN billing.ruling r ON r.claim = c.number
LEFT JOIN billing.decision d ON d.claim = c.number
WHERE c.number IN (
    SELECT claim FROM billing.care
    WHERE care = ANY(%(cares)s::bytea[]) AND NOT (%(on_cards)s AND answered))
  AND coalesce(d.accepted, true)
ORDER BY c.number LIMIT %(limit)s

-- billed --
SELECT FROM billing.ruling WHERE disclosure = %(disclosure)s

-- agreed --
SELECT r.claim,
       CASE d.accepted WHEN true THEN 1 WHEN false THEN 3 ELSE r.ruling END,
       coalesce(d.amount, r.amount),
       EXISTS (SELECT FROM billing.ruling a JOIN billing.ruling f ON f.follows = a.claim WHERE a.asks = r.asks)
FROM billing.ruling r
LEFT JOIN billing.decision d USING (claim)
WHERE r.asks = %(disclosure)s
ORDER BY d.claim IS NULL, r.claim DESC LIMIT 1

-- head --
SELECT c.sealed FROM billing.ruling r JOIN billing.claim c ON c.number = r.claim
WHERE r.device = %(device)b ORDER BY r.link DESC LIMIT 1

-- place --
SELECT r.digest, r.claim, c.use,
       CASE d.accepted WHEN true THEN 1 WHEN false THEN 3 ELSE r.ruling END,
       coalesce(d.amount, r.amount),
       EXISTS (SELECT FROM billing.ruling f WHERE f.follows = r.claim)
FROM billing.ruling r
JOIN billing.claim c ON c.number = r.claim
LEFT JOIN billing.decision d USING (claim)
WHERE r.device = %(device)b AND r.link = %(link)s

-- sales --
SELECT count(DISTINCT coalesce(r.follows, r.claim))
FROM billing.sale s
JOIN billing.ruling r USING (claim)
LEFT JOIN billing.decision d USING (claim)
WHERE (r.ruling = 1 OR d.accepted) AND s.card = %(card)b AND s.domain = %(domain)s AND s.basket = %(basket)s
  AND s.at BETWEEN %(since)s AND %(until)s

-- decisions --
-- What was decided about devices, cut-offs and claims, and what could not be opened.
SELECT idx, body, detail FROM ledger.entry
WHERE body IS NOT NULL AND get_byte(body, 0) IN (3, 7, 11)
ORDER BY idx

-- entry --
SELECT idx, body, detail, leaf FROM ledger.entry WHERE idx = %(index)s

-- find --
SELECT c.software, c.sealed, r.ruling,
       ARRAY(SELECT DISTINCT o.claim FROM billing.care mine JOIN billing.care o USING (care)
             WHERE mine.claim = c.number AND o.claim <> c.number ORDER BY o.claim),
       d.tag, d.accepted, d.amount, d.why, d.by, d.entry
FROM billing.claim c
LEFT JOIN billing.ruling r ON r.claim = c.number
LEFT JOIN billing.decision d ON d.claim = c.number
WHERE c.number = %(number)s

-- decide --
INSERT INTO billing.decision (claim, accepted, amount, why, by, entry, tag)
SELECT r.claim, %(accepted)s, %(amount)s, %(why)s, %(by)s, %(entry)s, %(tag)b FROM billing.ruling r
WHERE r.claim = %(claim)s AND r.ruling = 2
ON CONFLICT DO NOTHING
RETURNING claim

-- decided --
SELECT tag FROM billing.decision

-- left --
-- Claims on which a person has still to decide.
SELECT c.number, c.software, c.sealed
FROM billing.ruling r JOIN billing.claim c ON c.number = r.claim
WHERE r.ruling = 2 AND c.number > %(after)s
  AND NOT EXISTS (SELECT FROM billing.decision d WHERE d.claim = c.number)
ORDER BY c.number LIMIT %(limit)s

-- list --
WITH standing AS (
    SELECT c.number, c.software, c.use, c.received, c.sealed,
           CASE d.accepted WHEN true THEN 1 WHEN false THEN 3 ELSE r.ruling END AS ruling,
           r.rule, coalesce(d.amount, r.amount) AS owed, r.ended OR coalesce(f.ended, false) AS borne,
           d.tag, d.accepted, d.amount, d.why, d.by, d.entry
    FROM billing.claim c
    LEFT JOIN billing.ruling r ON r.claim = c.number
    LEFT JOIN billing.ruling f ON f.claim = r.follows
    LEFT JOIN billing.decision d ON d.claim = c.number
)
SELECT * FROM standing
WHERE %(ruling)s::smallint IS NULL OR ruling = %(ruling)s
ORDER BY number DESC LIMIT %(limit)s

-- one_moment --
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY

-- count --
SELECT count(*) FROM billing.claim

-- stood --
SELECT c.number, c.software, c.use, c.received, c.sealed,
       CASE d.accepted WHEN true THEN 1 WHEN false THEN 3 ELSE r.ruling END,
       r.rule, coalesce(d.amount, r.amount), r.ended OR coalesce(f.ended, false),
       d.tag, d.accepted, d.amount, d.why, d.by, d.entry
FROM billing.claim c
LEFT JOIN billing.ruling r ON r.claim = c.number
LEFT JOIN billing.ruling f ON f.claim = r.follows
LEFT JOIN billing.decision d ON d.claim = c.number
WHERE c.number > %(after)s
ORDER BY c.number LIMIT %(limit)s
