-- find --
-- Indexes come packed, 16 bytes each: a driver writes one value faster than a list of them.
SELECT index, amc, handle, kind, serial, ends, key_version, stored
FROM sealed.lock
WHERE index = ANY(ARRAY(
    SELECT substr(%(indexes)b, i, 16) FROM generate_series(1, length(%(indexes)b), 16) AS i))

-- handles --
-- One for each lock: an index of the table answers it, and nothing is sorted; and of who has none.
SELECT handle FROM sealed.lock WHERE amc = %(amc)s
UNION ALL SELECT sealed.without_lock(%(amc)s)

-- name_until --
SELECT sealed.name_until(timestamptz 'epoch' + %(at)s * interval '1 microsecond')
