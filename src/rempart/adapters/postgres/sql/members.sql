-- lock_one --
-- An import shares the first lock with imports of other insurers; a rotation wants it alone.
SELECT pg_try_advisory_lock_shared(%(class)s, 0) AND pg_try_advisory_lock(%(class)s, %(amc)s)

-- lock_all --
SELECT pg_try_advisory_lock(%(class)s, 0)

-- unlock_every --
SELECT pg_advisory_unlock_all()

-- feed --
SELECT sequence, digest, rows_done, state, closes_absent FROM sealed.feed
WHERE amc = %(amc)s AND sequence = %(sequence)s

-- last_feed --
SELECT sequence, digest, rows_done, state, closes_absent FROM sealed.feed
WHERE amc = %(amc)s ORDER BY sequence DESC LIMIT 1

-- known --
SELECT handle, digest, closed - date '2000-01-01', sequence FROM sealed.person
WHERE amc = %(amc)s AND handle = ANY(%(handles)b)

-- locks --
SELECT index, amc, handle, kind, serial, coalesce(ends - date '2000-01-01', 65535),
       key_version, index_version, stored
FROM sealed.lock WHERE amc = %(amc)s AND handle = ANY(%(handles)b)

-- forget_locks --
DELETE FROM sealed.lock WHERE amc = %(amc)s AND handle = ANY(%(handles)b)

-- forget_persons --
DELETE FROM sealed.person WHERE amc = %(amc)s AND handle = ANY(%(handles)b)

-- copy_persons --
COPY sealed.person (amc, handle, digest, closed, last_end, sequence) FROM STDIN (FORMAT BINARY)

-- copy_locks --
COPY sealed.lock (index, amc, handle, kind, serial, ends, key_version, index_version, stored)
FROM STDIN (FORMAT BINARY)

-- lazily --
-- The log is one: the last commit of a feed, which is not lazy, makes all before it durable.
SET LOCAL synchronous_commit = off

-- mark --
INSERT INTO sealed.feed (amc, sequence, digest, rows_done, state, closes_absent)
VALUES (%(amc)s, %(sequence)s, %(digest)s, %(rows_done)s, %(state)s, %(closes_absent)s)
ON CONFLICT (amc, sequence) DO UPDATE
SET rows_done = excluded.rows_done, state = excluded.state, changed_at = now()

-- gather --
CREATE TEMPORARY TABLE IF NOT EXISTS present (handle bytea NOT NULL);
CREATE TEMPORARY TABLE IF NOT EXISTS absent (handle bytea PRIMARY KEY);
TRUNCATE present, absent

-- copy_present --
COPY present (handle) FROM STDIN (FORMAT BINARY)

-- weigh --
WITH found AS (
    INSERT INTO absent
    SELECT handle FROM sealed.person
    WHERE amc = %(amc)s AND closed IS NULL
      AND NOT EXISTS (SELECT FROM present WHERE present.handle = person.handle)
    RETURNING 1
)
SELECT (SELECT count(*) FROM sealed.person WHERE amc = %(amc)s AND closed IS NULL),
       (SELECT count(*) FROM found)

-- absent --
SELECT handle FROM absent WHERE handle > %(handle)s ORDER BY handle LIMIT %(limit)s

-- erase --
WITH ended AS (
    SELECT amc, handle FROM sealed.person
    WHERE last_end < date '2000-01-01' + %(ended_before)s::integer
    LIMIT %(limit)s
), locks AS (
    DELETE FROM sealed.lock USING ended
    WHERE lock.amc = ended.amc AND lock.handle = ended.handle
), leaving AS (
    INSERT INTO sealed.leaving (amc, handle, since)
    SELECT amc, handle, timestamptz 'epoch' + %(at)s * interval '1 microsecond' FROM ended
    ON CONFLICT (amc, handle) DO UPDATE SET since = excluded.since
)
DELETE FROM sealed.person USING ended
WHERE person.amc = ended.amc AND person.handle = ended.handle

-- named_until --
SELECT (extract(epoch FROM until) * 1000000)::bigint FROM sealed.named

-- let_go --
DELETE FROM sealed.leaving WHERE since < timestamptz 'epoch' + %(before)s * interval '1 microsecond'

-- leaving --
SELECT count(*) FROM sealed.leaving
