-- amcs --
-- One step of the index per insurer, however many locks each has.
WITH RECURSIVE found AS (
    (SELECT amc FROM sealed.lock ORDER BY amc LIMIT 1)
    UNION ALL
    SELECT (SELECT lock.amc FROM sealed.lock WHERE lock.amc > found.amc ORDER BY lock.amc LIMIT 1)
    FROM found WHERE found.amc IS NOT NULL
)
SELECT amc FROM found WHERE amc IS NOT NULL

-- stale --
SELECT index, amc, handle, kind, serial, coalesce(ends - date '2000-01-01', 65535),
       key_version, index_version, stored
FROM sealed.lock
WHERE amc = %(amc)s AND (handle, kind, serial) > (%(handle)s, %(kind)s, %(serial)s)
  AND (index_version <> %(index_version)s OR key_version <> %(key_version)s)
ORDER BY handle, kind, serial
LIMIT %(limit)s

-- move --
UPDATE sealed.lock
SET index = fresh.index, key_version = fresh.key_version, index_version = fresh.index_version,
    stored = fresh.stored
FROM unnest(%(handles)b, %(kinds)s::smallint[], %(serials)s::bigint[], %(indexes)b,
            %(key_versions)s::smallint[], %(index_versions)s::smallint[], %(stored)b)
     AS fresh (handle, kind, serial, index, key_version, index_version, stored)
WHERE lock.amc = %(amc)s AND lock.handle = fresh.handle AND lock.kind = fresh.kind
  AND lock.serial = fresh.serial

-- versions --
SELECT array_agg(DISTINCT index_version), array_agg(DISTINCT key_version)
FROM sealed.lock WHERE amc = %(amc)s
