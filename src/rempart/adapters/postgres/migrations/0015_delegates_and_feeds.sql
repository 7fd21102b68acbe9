-- A software may be somebody's delegate (a night batch): it comes and goes with its sponsor, who may
-- end it in the portal, as any delegate.

ALTER TABLE registry.software ADD COLUMN sponsor integer REFERENCES registry.person;
COMMENT ON COLUMN registry.software.sponsor IS
    'The professional of the same site who answers for it; none for the software of the site.';
CREATE INDEX software_sponsor ON registry.software (sponsor) WHERE sponsor IS NOT NULL;

CREATE FUNCTION registry.end_software(of_account integer, by_sponsor integer) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE registry.software SET revoked_at = now()
    WHERE number = of_account AND sponsor = by_sponsor AND revoked_at IS NULL
    RETURNING true
$$;
REVOKE ALL ON FUNCTION registry.end_software(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION registry.end_software(integer, integer) TO rempart_vault;

-- How far an insurer's feeds have come, for the insurer's own staff: the vault tells them.
GRANT SELECT ON sealed.feed TO rempart_vault;
