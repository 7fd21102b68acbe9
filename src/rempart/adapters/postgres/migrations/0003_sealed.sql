-- Sealed locks, the persons they are of, and how far each insurer's feeds have come.
-- Nothing here can be read without the platform's keys, and nothing opened without a patient.

CREATE TABLE sealed.person (
    amc      integer NOT NULL CHECK (amc BETWEEN 1 AND 99999999),
    handle   bytea   NOT NULL,
    digest   bytea   NOT NULL CHECK (octet_length(digest) = 32),
    closed   date,
    last_end date,
    sequence integer NOT NULL,
    PRIMARY KEY (amc, handle)
);
COMMENT ON COLUMN sealed.person.handle IS 'The insurer''s reference, encrypted by it.';
COMMENT ON COLUMN sealed.person.digest IS 'Keyed digest by the insurer: changes when a lock does.';
COMMENT ON COLUMN sealed.person.last_end IS 'Last day of the last lock; null where no end is known.';
COMMENT ON COLUMN sealed.person.sequence IS 'Number of the feed that last changed this person.';
CREATE INDEX person_last_end ON sealed.person (last_end) WHERE last_end IS NOT NULL;

CREATE TABLE sealed.lock (
    index         bytea    NOT NULL CHECK (octet_length(index) = 16),
    amc           integer  NOT NULL,
    handle        bytea    NOT NULL,
    kind          smallint NOT NULL CHECK (kind BETWEEN 1 AND 3),
    serial        bigint   NOT NULL CHECK (serial BETWEEN 0 AND 4294967295),
    ends          date,
    key_version   smallint NOT NULL CHECK (key_version > 0),
    index_version smallint NOT NULL CHECK (index_version > 0),
    stored        bytea    NOT NULL,
    PRIMARY KEY (amc, handle, kind, serial)
);
-- Not unique: two persons under one index are an answer too ("read the card").
CREATE INDEX lock_index ON sealed.lock (index);
COMMENT ON COLUMN sealed.lock.stored IS 'find and box under the insurer''s outer key.';

CREATE TABLE sealed.feed (
    amc           integer     NOT NULL,
    sequence      integer     NOT NULL,
    digest        bytea       NOT NULL,
    rows_done     integer     NOT NULL,
    state         text        NOT NULL CHECK (state IN ('importing', 'imported')),
    closes_absent boolean     NOT NULL,
    started_at    timestamptz NOT NULL DEFAULT now(),
    changed_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (amc, sequence)
);
COMMENT ON COLUMN sealed.feed.rows_done IS
    'Rows taken in, in the same transaction as their effect: where a killed import goes on.';

GRANT SELECT, INSERT, UPDATE, DELETE ON sealed.person, sealed.lock, sealed.feed
    TO rempart_importer;
-- The vault reads, and rotates keys; it adds and removes nobody.
GRANT SELECT, UPDATE (index, key_version, index_version, stored) ON sealed.lock TO rempart_vault;
