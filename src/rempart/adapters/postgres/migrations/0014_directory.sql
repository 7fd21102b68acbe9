-- The public directory's last extract is kept, and sites follow it as people do.

ALTER TABLE registry.site
    ADD COLUMN suspended smallint CHECK (suspended BETWEEN 1 AND 4),
    ADD COLUMN followed  boolean  NOT NULL DEFAULT false,
    ADD COLUMN outside   text     NOT NULL DEFAULT '' CHECK (length(outside) <= 200);
COMMENT ON COLUMN registry.site.suspended IS 'Why it is out: src/rempart/domain/person.py.';
COMMENT ON COLUMN registry.site.followed IS
    'The directory has listed it: where it no longer does, the site is out.';
COMMENT ON COLUMN registry.site.outside IS
    'Why, and by whose word, it is in although it is not followed; kept afterwards.';

ALTER TABLE registry.person
    ADD COLUMN followed boolean NOT NULL DEFAULT true,
    ADD COLUMN outside  text    NOT NULL DEFAULT '' CHECK (length(outside) <= 200);
COMMENT ON COLUMN registry.person.followed IS
    'A professional is out where the directory no longer lists them.';
COMMENT ON COLUMN registry.person.outside IS
    'Why, and by whose word, a professional is in although they are not followed; kept afterwards.';

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
