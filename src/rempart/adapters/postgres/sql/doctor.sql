-- settings --
SELECT name, setting FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')

-- powerful --
-- Whoever is a member of another role may become it: none of ours is.
SELECT rolname::text FROM pg_roles
WHERE rolname = ANY(%(names)s)
  AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
       OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid))
ORDER BY rolname

-- open_to_gateway --
-- A table's own grants, or those of a column of it.
SELECT n.nspname || '.' || c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND (
    n.nspname IN ('registry', 'sealed', 'ledger')
    AND (has_table_privilege('rempart_gateway', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
         OR has_any_column_privilege('rempart_gateway', c.oid, 'SELECT, INSERT, UPDATE'))
    OR n.nspname = 'status'
    AND (has_table_privilege('rempart_gateway', c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
         OR has_any_column_privilege('rempart_gateway', c.oid, 'INSERT, UPDATE')))
ORDER BY 1

-- strangers --
-- Those of another kind of instance; software that was shut out does not count any more.
SELECT (SELECT count(*) FROM registry.insurer WHERE sandbox <> %(sandbox)s)
     + (SELECT count(*) FROM registry.software WHERE sandbox <> %(sandbox)s AND revoked_at IS NULL)

-- now --
SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint

-- last_entry --
-- Of an erased one nothing is left but a hash: it is a year old.
SELECT idx, body FROM ledger.entry ORDER BY idx DESC LIMIT 1

-- directory --
-- Professionals who are contracted, sites that are followed, and the age of the last extract.
SELECT registry.contracted(),
       (SELECT count(*) FROM registry.site WHERE followed AND suspended IS NULL),
       (SELECT current_date - max(day) FROM registry.extract)
