-- An account with the kind of its site: an insurer is told by what kind of site its people were read.
DROP FUNCTION incident.accounts();
CREATE FUNCTION incident.accounts()
RETURNS TABLE (number integer, name text, site text, place integer, kind text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT s.number, s.client_id, s.site, r.number, r.kind
    FROM registry.software s JOIN registry.site r USING (site)
    UNION ALL
    SELECT p.number, '@' || p.login, coalesce(p.site, ''), coalesce(r.number, 0), coalesce(r.kind, '')
    FROM registry.person p LEFT JOIN registry.site r USING (site)
$$;
REVOKE ALL ON FUNCTION incident.accounts() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION incident.accounts() TO rempart_incident;
