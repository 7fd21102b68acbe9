-- The public directory's last extract is kept, and sites follow it as people do.

ALTER TABLE registry.site
    ADD COLUMN suspended smallint CHECK (suspended BETWEEN 1 AND 4),
    ADD COLUMN followed  boolean  NOT NULL DEFAULT false,
    ADD COLUMN outside   text     NOT NULL DEFAULT '' CHECK (length(outside) <= 200);
COMMENT ON COLUMN registry.site.suspended IS 'Why it is out: src/rempart/domain/person.py.';
COMMENT ON COLUMN registry.site.followed IS
    'The directory has listed it: where it no longer does, the site is out.';
COMMENT ON COLUMN registry.site.outside IS
    'Why an operator lets it in whatever the directory says, and who.';

ALTER TABLE registry.person
    ADD COLUMN outside text NOT NULL DEFAULT '' CHECK (length(outside) <= 200);
COMMENT ON COLUMN registry.person.outside IS
    'Why an operator lets a professional in whatever the directory says, and who.';

ALTER TABLE registry.extract ADD COLUMN digest bytea NOT NULL DEFAULT '';
COMMENT ON COLUMN registry.extract.day IS 'The day that the file is of.';
COMMENT ON COLUMN registry.extract.digest IS 'SHA-256 of the file; empty before 0014.';

CREATE TABLE registry.listed (
    site       text NOT NULL,
    rpps       text NOT NULL,
    profession text NOT NULL,
    since      date NOT NULL,
    until      date
);
COMMENT ON TABLE registry.listed IS 'The last extract of the public directory: the owner''s alone.';
CREATE INDEX listed_site ON registry.listed (site);
