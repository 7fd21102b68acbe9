-- lock --
-- One vault at a time; the lock dies with its connection.
SELECT pg_try_advisory_lock(%(name)s)

-- take_over --
SELECT ledger.take_over()

-- append --
SELECT ledger.append(
    %(epoch)s, %(first)s, %(bodies)b, %(ends)s, %(details)b, %(levels)s, %(indexes)s, %(hashes)b,
    %(pairs)b, %(days)b)

-- known --
-- Pairs come packed, 16 bytes each.
SELECT pair, days FROM ledger.known
WHERE pair = ANY(ARRAY(
    SELECT substr(%(pairs)b, i, 16) FROM generate_series(1, length(%(pairs)b), 16) AS i))

-- of_persons --
-- What was opened about these (period and pseudonym, packed, 18 bytes each), without what could not be
-- opened after all: bytes of a body are those of specs/disclosure-entry.md. Needs entry_of_persons.
SELECT e.idx, e.body, e.detail FROM ledger.entry e
WHERE e.body IS NOT NULL AND get_byte(e.body, 83) = 1 AND get_byte(e.body, 0) IN (1, 2, 12)
  AND substr(e.body, 3, 2) || substr(e.body, 13, 16) = ANY(ARRAY(
      SELECT substr(%(persons)b, i, 18) FROM generate_series(1, length(%(persons)b), 18) AS i))
  AND NOT EXISTS (
      SELECT FROM ledger.entry u
      WHERE u.body IS NOT NULL AND get_byte(u.body, 0) = 3
        AND substr(u.body, 89, 8) = int8send(e.idx))
ORDER BY e.idx

-- publish --
SELECT ledger.publish(%(epoch)s, %(size)s, %(note)s)

-- entries --
SELECT idx, body, detail, leaf FROM ledger.entry
WHERE idx >= %(first)s AND (%(end)s::bigint IS NULL OR idx < %(end)s)
ORDER BY idx

-- subtrees --
-- In order of completion: by the last leaf, then from the smallest.
SELECT level, idx, hash FROM ledger.subtree ORDER BY (idx + 1) << level, level

-- checkpoints --
SELECT size, note FROM ledger.checkpoint ORDER BY size

-- last_checkpoint --
SELECT size, note FROM ledger.checkpoint ORDER BY size DESC LIMIT 1

-- leaf_hashes --
SELECT coalesce(leaf, sha256('\x00'::bytea || body)) FROM ledger.entry
WHERE idx >= %(first)s AND idx < %(end)s ORDER BY idx

-- subtree_hashes --
SELECT hash FROM ledger.subtree
WHERE level = %(level)s AND idx >= %(first)s AND idx < %(end)s ORDER BY idx

-- durable --
SELECT name, setting FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')

-- erase --
-- Only what speaks of persons, accounts and sites; the trigger checks term, hold and leaf again.
WITH old AS (
    SELECT idx FROM ledger.entry
    WHERE idx >= %(first)s AND body IS NOT NULL AND get_byte(body, 0) IN (1, 2, 3, 4, 10, 12)
      AND ledger.entry_time(body) < now() - interval '12 months'
      AND NOT EXISTS (
          SELECT FROM ledger.hold
          WHERE ledger.entry_time(body) BETWEEN from_at AND until_at)
    ORDER BY idx LIMIT %(limit)s
)
UPDATE ledger.entry AS entry
SET body = NULL, detail = NULL, leaf = sha256('\x00'::bytea || entry.body)
FROM old WHERE entry.idx = old.idx
RETURNING entry.idx

-- hold --
INSERT INTO ledger.hold (hold, from_at, until_at) VALUES (%(name)s, %(from_at)s, %(until_at)s)

-- release --
DELETE FROM ledger.hold WHERE hold = %(name)s RETURNING hold

-- holds --
SELECT hold, from_at, until_at FROM ledger.hold ORDER BY hold

-- forget_known --
-- What no site has been answered about for twelve months.
DELETE FROM ledger.known WHERE seen < (now() AT TIME ZONE 'UTC')::date - date '2000-01-01' - 365

-- empty_known --
TRUNCATE ledger.known

-- put_known --
INSERT INTO ledger.known (pair, seen, days)
SELECT substr(%(pairs)b, i * 16 + 1, 16),
       (get_byte(%(days)b, i * 10 + 2) << 8) + get_byte(%(days)b, i * 10 + 3),
       substr(%(days)b, i * 10 + 1, 10)
FROM generate_series(0, length(%(pairs)b) / 16 - 1) AS i
ON CONFLICT (pair) DO UPDATE SET seen = excluded.seen, days = excluded.days
