-- lock --
-- One vault at a time; the lock dies with its connection.
SELECT pg_try_advisory_lock(%(name)s)

-- take_over --
SELECT ledger.take_over()

-- append --
SELECT ledger.append(
    %(epoch)s, %(first)s, %(bodies)b, %(ends)s, %(details)b, %(levels)s, %(indexes)s, %(hashes)b)

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
