-- Offline, a site bills what its kind may ask. The judge reads that kind, and no more of the registry.

CREATE FUNCTION billing.kind_of(of_site integer) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT kind FROM registry.site WHERE number = of_site
$$;
REVOKE ALL ON FUNCTION billing.kind_of(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION billing.kind_of(integer) TO rempart_judge;
