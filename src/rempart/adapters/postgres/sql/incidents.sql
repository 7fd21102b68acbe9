-- decided --
-- Decisions, moves of accounts, cut-offs.
SELECT idx, body, detail FROM ledger.entry
WHERE body IS NOT NULL AND get_byte(body, 0) IN (7, 8, 11)
ORDER BY idx

-- size --
SELECT coalesce(max(idx) + 1, 0) FROM ledger.entry

-- unanswered --
-- Questions of outcome 11, by the site's pseudonym: specs/disclosure-entry.md says where they stand.
SELECT count(*), count(DISTINCT substr(body, 45, 16)) FROM ledger.entry
WHERE idx >= %(first)s AND idx < %(end)s
  AND body IS NOT NULL AND get_byte(body, 0) = 1 AND get_byte(body, 83) = 11

-- moment --
SELECT body FROM ledger.entry WHERE idx = %(index)s

-- asked --
-- Questions and repeats of these accounts, whose number stands 51 bytes into the detail, in every
-- version; and canaries.
SELECT idx, body, detail FROM ledger.entry
WHERE idx >= %(first)s AND body IS NOT NULL
  AND (get_byte(body, 0) = 9
       OR (get_byte(body, 0) IN (1, 2) AND substr(detail, 52, 4) = ANY(%(accounts)s)))
ORDER BY idx

-- met --
-- Accounts that asked by one of these networks (68 bytes into the detail) or devices (72).
SELECT DISTINCT substr(detail, 52, 4) FROM ledger.entry
WHERE idx >= %(first)s AND idx < %(end)s AND body IS NOT NULL
  AND get_byte(body, 0) IN (1, 2) AND length(detail) >= 76
  AND (substr(detail, 69, 4) = ANY(%(networks)s) OR substr(detail, 73, 4) = ANY(%(devices)s))

-- strangers --
-- Accounts that asked about strangers (never seen: 94 bytes into the detail) on old cards.
SELECT substr(detail, 52, 4) FROM ledger.entry
WHERE idx >= %(first)s AND idx < %(end)s AND body IS NOT NULL
  AND get_byte(body, 0) = 1 AND get_byte(body, 82) = 1 AND substr(detail, 95, 2) = '\xffff'::bytea
GROUP BY 1 HAVING count(*) >= %(least)s

-- accounts --
SELECT number, name, site, place, kind FROM incident.accounts()

-- billed --
SELECT number, software, use, received, ruling, amount
FROM incident.billed(%(software)s, %(since)s, %(until)s)

-- touched --
SELECT number, software, use, received, sealed, ruling, rule, amount, told_at, told
FROM incident.claims(%(software)s, %(since)s, %(until)s)

-- put --
INSERT INTO incident.spoken (digest, sealed) VALUES (%(digest)b, %(sealed)b)
ON CONFLICT (digest) DO NOTHING

-- spoken --
SELECT digest, sealed FROM incident.spoken ORDER BY number
