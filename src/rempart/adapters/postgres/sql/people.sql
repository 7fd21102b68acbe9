-- passkeys --
SELECT credential_id, public_key, sign_count, backup_eligible, backed_up, aaguid, made, login
FROM registry.passkey JOIN registry.person ON number = account
WHERE account = %(account)s AND revoked_at IS NULL
ORDER BY made, credential_id

-- passkey --
SELECT credential_id, public_key, sign_count, backup_eligible, backed_up, aaguid, made, login, account
FROM registry.passkey JOIN registry.person ON number = account
WHERE credential_id = %(credential_id)s AND revoked_at IS NULL

-- add_passkey --
SELECT registry.add_passkey(%(account)s, %(credential_id)s, %(public_key)s, %(sign_count)s,
                            %(backup_eligible)s, %(backed_up)s, %(aaguid)s, %(made)s)

-- move_passkey --
SELECT registry.move_passkey(%(credential_id)s, %(sign_count)s, %(backed_up)s)

-- revoke_passkey --
SELECT registry.revoke_passkey(%(account)s, %(credential_id)s)

-- enrolment --
SELECT account FROM registry.enrolment
WHERE code_hash = %(code_hash)s AND spent_at IS NULL AND until > %(now)s

-- spend --
SELECT registry.spend_enrolment(%(code_hash)s, %(now)s, %(credential_id)s, %(public_key)s,
                                %(sign_count)s, %(backup_eligible)s, %(backed_up)s, %(aaguid)s)

-- take_delegate --
SELECT registry.take_delegate(%(login)s, %(sponsor)s, %(usage)s::smallint, %(label)s,
                              %(code_hash)s, %(until)s, %(at_most)s)

-- enrol_again --
SELECT registry.enrol_again(%(account)s, %(sponsor)s, %(code_hash)s, %(until)s)

-- end_delegate --
SELECT registry.end_delegate(%(account)s, %(sponsor)s)

-- end_software --
SELECT registry.end_software(%(account)s, %(sponsor)s)

-- join --
-- A contract signed anew brings somebody back under the number they had.
INSERT INTO registry.person AS person (
    login, role, rpps, profession, site, usage, followed, outside)
VALUES (
    %(login)s, 1, %(rpps)s, %(profession)s, %(site)s, %(usage)s, %(followed)s, %(outside)s)
ON CONFLICT (rpps, site) WHERE role = 1 DO UPDATE
SET profession = excluded.profession, usage = excluded.usage, suspended = NULL,
    followed = excluded.followed,
    outside = coalesce(nullif(excluded.outside, ''), person.outside)
RETURNING number

-- enrol_staff --
INSERT INTO registry.person AS person (login, role, amc, confirmations)
VALUES (%(login)s, %(role)s, %(amc)s, %(confirmations)s)
ON CONFLICT (login) DO UPDATE
SET ways = person.ways + 1, suspended = NULL, confirmations = excluded.confirmations
WHERE person.role = excluded.role AND person.amc IS NOT DISTINCT FROM excluded.amc
  AND person.left_at IS NULL
RETURNING number

-- shut_ways --
SELECT registry.shut_ways(%(account)s)

-- new_code --
INSERT INTO registry.enrolment (code_hash, account, until)
VALUES (%(code_hash)s, %(account)s, %(until)s)

-- suspend --
UPDATE registry.person SET suspended = %(why)s WHERE number = %(account)s AND left_at IS NULL

-- restore --
UPDATE registry.person SET suspended = NULL, followed = %(followed)s,
    outside = coalesce(nullif(%(outside)s, ''), outside)
WHERE number = %(account)s AND suspended IS NOT NULL AND left_at IS NULL
