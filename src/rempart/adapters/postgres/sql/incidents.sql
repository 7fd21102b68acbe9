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
-- version.
SELECT idx, body, detail FROM ledger.entry
WHERE idx >= %(first)s AND idx < %(end)s AND body IS NOT NULL
  AND get_byte(body, 0) IN (1, 2) AND substr(detail, 52, 4) = ANY(%(accounts)s)
ORDER BY idx

-- canaries --
SELECT body FROM ledger.entry
WHERE idx >= %(first)s AND idx < %(end)s AND body IS NOT NULL AND get_byte(body, 0) = 9

-- met --
-- Accounts that asked by one of these networks (68 bytes into the detail) or devices (72).
SELECT DISTINCT substr(detail, 52, 4) FROM ledger.entry
WHERE idx >= %(first)s AND idx < %(end)s AND body IS NOT NULL
  AND get_byte(body, 0) IN (1, 2) AND length(detail) >= 76
  AND (substr(detail, 69, 4) = ANY(%(networks)s) OR substr(detail, 73, 4) = ANY(%(devices)s))

-- codes --
-- Networks and devices of these accounts, and whether a card, a phone or a printed key was shown by
-- it, and somebody found.
SELECT substr(detail, 52, 4), by.kind, by.code,
       bool_or(get_byte(body, 82) IN (2, 4, 5) AND substr(body, 13, 16) <> decode(repeat('00', 16), 'hex'))
FROM ledger.entry CROSS JOIN LATERAL (
    VALUES ('network', substr(detail, 69, 4)), ('device', substr(detail, 73, 4))) AS by (kind, code)
WHERE idx >= %(first)s AND idx < %(end)s AND body IS NOT NULL
  AND get_byte(body, 0) IN (1, 2) AND length(detail) >= 76
  AND substr(detail, 52, 4) = ANY(%(accounts)s) AND by.code <> '\x00000000'::bytea
GROUP BY 1, 2, 3

-- strangers --
-- Accounts that asked about strangers (never seen: 94 bytes into the detail) on old cards, and how
-- often.
SELECT substr(detail, 52, 4), count(*) FROM ledger.entry
WHERE idx >= %(first)s AND idx < %(end)s AND body IS NOT NULL
  AND get_byte(body, 0) = 1 AND get_byte(body, 82) = 1 AND substr(detail, 95, 2) = '\xffff'::bytea
GROUP BY 1

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
