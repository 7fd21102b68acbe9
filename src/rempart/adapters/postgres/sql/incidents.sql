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

-- accounts --
SELECT number, name, site, place, kind FROM incident.accounts()

-- billed --
SELECT number, software, use, received, ruling, amount
FROM incident.billed(%(software)s, %(since)s, %(until)s)

-- put --
INSERT INTO incident.spoken (digest, sealed) VALUES (%(digest)b, %(sealed)b)
ON CONFLICT (digest) DO NOTHING

-- spoken --
SELECT digest, sealed FROM incident.spoken ORDER BY number
