-- decided --
-- Decisions, moves of accounts, cut-offs. Entries that are no question have no number, and lie
-- first.
SELECT idx, type, period, moment, person, account, site, session, amc, domain, presence, outcome,
       fields, cites, detail, leaf
FROM entries WHERE number = 0 AND type IN (7, 8, 11) AND leaf IS NULL
ORDER BY idx

-- asked --
-- Questions and repeats of these accounts.
SELECT idx, moment, session, presence, outcome, detail, person <> $nobody, type = 2
FROM entries JOIN (SELECT unnest($accounts)::UINTEGER AS number) USING (number)
WHERE type IN (1, 2) AND moment BETWEEN $since AND $until AND leaf IS NULL
ORDER BY idx

-- canaries --
SELECT cites FROM entries WHERE number = 0 AND type = 9 AND moment >= $since AND leaf IS NULL

-- met --
-- Accounts that asked by one of these networks (68 bytes into the detail) or devices (72).
SELECT DISTINCT number FROM entries
WHERE type IN (1, 2) AND moment BETWEEN $since AND $until AND octet_length(detail) >= 76
  AND (list_contains($networks::BLOB[], detail[69:72])
       OR list_contains($devices::BLOB[], detail[73:76]))

-- codes --
-- Networks and devices of these accounts, and whether a card, a phone or a printed key was shown by
-- it, and somebody found.
SELECT number, kind, code, bool_or(keyed) FROM (
    SELECT number, presence IN (2, 4, 5) AND person <> $nobody AS keyed,
           unnest(['network', 'device']) AS kind, unnest([detail[69:72], detail[73:76]]) AS code
    FROM entries JOIN (SELECT unnest($accounts)::UINTEGER AS number) USING (number)
    WHERE type IN (1, 2) AND moment >= $since AND octet_length(detail) >= 76)
WHERE code <> '\x00\x00\x00\x00'::BLOB
GROUP BY number, kind, code

-- strangers --
-- Accounts that asked about strangers (never seen: 94 bytes into the detail) on old cards, and how
-- often.
SELECT number, count(*) FROM entries
WHERE type = 1 AND presence = 1 AND moment BETWEEN $since AND $until
  AND detail[95:96] = '\xFF\xFF'::BLOB
GROUP BY number
