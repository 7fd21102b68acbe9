-- generation --
SELECT generation FROM registry.generation

-- insurers --
SELECT amc, bundle, sandbox FROM registry.insurer

-- sites --
SELECT site, kind, daily_cap, number, place, since, contract, suspended, followed, outside
FROM registry.site

-- software --
SELECT client_id, number, site, jwks, certificates, sandbox, revoked_at IS NOT NULL AS revoked,
       product, usage, sealing = 'required' AS seals, coalesce(sponsor, 0)
FROM registry.software

-- people --
SELECT number, login, role, rpps, profession, coalesce(sponsor, 0), coalesce(site, ''),
       coalesce(amc, 0), usage, label, since, suspended, left_at IS NOT NULL AS has_left, ways,
       followed, outside
FROM registry.person

-- register_insurer --
INSERT INTO registry.insurer (amc, bundle, confirmations, sandbox)
VALUES (%(amc)s, %(bundle)s, %(confirmations)s, %(sandbox)s)
ON CONFLICT (amc) DO UPDATE
SET bundle = excluded.bundle, confirmations = excluded.confirmations, sandbox = excluded.sandbox

-- register_site --
-- A site that is registered again keeps the day on which it came.
INSERT INTO registry.site AS site (site, kind, daily_cap, place, since, contract)
VALUES (%(site)s, %(kind)s, %(daily_cap)s, %(place)s, %(since)s, %(contract)s)
ON CONFLICT (site) DO UPDATE
SET kind = excluded.kind, daily_cap = excluded.daily_cap, place = excluded.place,
    contract = CASE WHEN excluded.contract = '' THEN site.contract ELSE excluded.contract END

-- shut_before --
-- A site that was out is another's: whatever signed in there before is shut out.
WITH before AS (
    SELECT site FROM registry.site WHERE site = %(site)s AND suspended IS NOT NULL FOR UPDATE
), revoked AS (
    UPDATE registry.software SET revoked_at = now()
    WHERE site IN (SELECT site FROM before) AND revoked_at IS NULL
)
UPDATE registry.person SET suspended = %(decided)s
WHERE site IN (SELECT site FROM before) AND role = 1 AND suspended IS NULL AND left_at IS NULL

-- renumber --
-- What is counted and known under the number of before is not theirs.
UPDATE registry.site SET number = DEFAULT WHERE site = %(site)s AND suspended IS NOT NULL

-- join_site --
-- In the transaction of the two before.
INSERT INTO registry.site AS site (
    site, kind, daily_cap, place, since, contract, followed, outside)
VALUES (
    %(site)s, %(kind)s, %(daily_cap)s, %(place)s, %(since)s, %(contract)s, %(followed)s,
    %(outside)s)
ON CONFLICT (site) DO UPDATE
SET kind = excluded.kind, daily_cap = excluded.daily_cap, place = excluded.place,
    since = CASE WHEN site.suspended IS NULL THEN site.since ELSE excluded.since END,
    contract = excluded.contract, suspended = NULL, followed = excluded.followed,
    outside = coalesce(nullif(excluded.outside, ''), site.outside)

-- suspend_site --
UPDATE registry.site SET suspended = %(decided)s WHERE site = %(site)s AND suspended IS NULL

-- restore_site --
UPDATE registry.site
SET suspended = NULL, followed = %(followed)s,
    outside = coalesce(nullif(%(outside)s, ''), outside)
WHERE site = %(site)s AND suspended IS NOT NULL

-- register_software --
INSERT INTO registry.software (
    client_id, site, jwks, certificates, sandbox, product, usage, sealing, sponsor)
VALUES (
    %(client_id)s, %(site)s, %(jwks)s, %(certificates)s, %(sandbox)s, %(product)s, %(usage)s,
    CASE WHEN %(seals)s THEN 'required' ELSE 'open' END, nullif(%(sponsor)s, 0))
ON CONFLICT (client_id) DO UPDATE
SET site = excluded.site, jwks = excluded.jwks, certificates = excluded.certificates,
    sandbox = excluded.sandbox, product = excluded.product, usage = excluded.usage,
    sealing = excluded.sealing, sponsor = excluded.sponsor, revoked_at = NULL

-- rotate_software --
UPDATE registry.software SET jwks = %(jwks)s WHERE client_id = %(client_id)s AND revoked_at IS NULL

-- revoke_software --
UPDATE registry.software SET revoked_at = now() WHERE client_id = %(client_id)s AND revoked_at IS NULL
