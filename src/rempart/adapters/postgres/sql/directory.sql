-- last --
SELECT day, rows, bad, digest FROM registry.extract ORDER BY read_at DESC LIMIT 1

-- taken --
SELECT min(day) FROM registry.extract WHERE digest = %(digest)s

-- at --
SELECT rpps, profession, site, since, until FROM registry.listed WHERE site = %(site)s
ORDER BY rpps, profession, since

-- alone --
-- One taking-in at a time; whoever reads the last one does not wait.
LOCK TABLE registry.extract IN SHARE ROW EXCLUSIVE MODE

-- forget --
-- Not TRUNCATE: until the commit, whoever looks somebody up finds the last extract's rows.
DELETE FROM registry.listed

-- copy --
COPY registry.listed (rpps, profession, site, since, until) FROM STDIN

-- note --
INSERT INTO registry.extract (day, rows, bad, digest)
VALUES (%(day)s, %(rows)s, %(bad)s, %(digest)s)

-- suspend_person --
UPDATE registry.person SET suspended = %(why)s WHERE number = %(who)s AND left_at IS NULL

-- suspend_site --
UPDATE registry.site SET suspended = %(why)s WHERE site = %(who)s

-- follow_people --
UPDATE registry.person SET followed = true WHERE number = ANY(%(who)s)

-- follow_sites --
UPDATE registry.site SET followed = true WHERE site = ANY(%(who)s)
