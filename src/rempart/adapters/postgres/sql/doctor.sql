-- settings --
SELECT name, setting FROM pg_settings
WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')

-- powerful --
SELECT rolname FROM pg_roles
WHERE rolname LIKE 'rempart\_%'
  AND rolname IN ('rempart_owner', 'rempart_importer', 'rempart_vault', 'rempart_gateway',
                  'rempart_auditor')
  AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)
ORDER BY rolname

-- sandbox --
SELECT (SELECT count(*) FROM registry.insurer WHERE sandbox),
       (SELECT count(*) FROM registry.software WHERE sandbox)

-- entries --
SELECT EXISTS (SELECT FROM ledger.entry)
