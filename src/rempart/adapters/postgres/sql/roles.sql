-- lock --
SELECT pg_advisory_xact_lock(%(name)s)

-- database --
SELECT FROM pg_database WHERE datname = %(name)s

-- role --
SELECT FROM pg_roles WHERE rolname = %(name)s

-- powerful --
-- Whoever is a member of another role may become it: none of ours is.
SELECT rolname::text FROM pg_roles
WHERE rolname = ANY(%(names)s)
  AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
       OR EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid))
ORDER BY rolname
