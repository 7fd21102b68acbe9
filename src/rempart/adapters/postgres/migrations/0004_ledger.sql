-- The disclosure ledger: append-only by grant and by trigger, fenced by an epoch.

CREATE TABLE ledger.entry (
    idx    bigint PRIMARY KEY,
    body   bytea,
    detail bytea,
    leaf   bytea,
    CHECK ((body IS NULL) = (leaf IS NOT NULL)),
    CHECK ((body IS NULL) = (detail IS NULL))
);
COMMENT ON TABLE ledger.entry IS
    'An entry is body and detail; once erased, only its leaf hash.';

CREATE TABLE ledger.subtree (
    level smallint NOT NULL,
    idx   bigint   NOT NULL,
    hash  bytea    NOT NULL,
    PRIMARY KEY (level, idx)
);
COMMENT ON TABLE ledger.subtree IS
    'Roots of complete subtrees of 256, 65536, … leaves: what a proof reads.';

CREATE TABLE ledger.checkpoint (
    size bigint      PRIMARY KEY,
    note text        NOT NULL,
    at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE ledger.fence (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch    bigint  NOT NULL DEFAULT 0
);
INSERT INTO ledger.fence DEFAULT VALUES;

CREATE TABLE ledger.hold (
    hold     text        PRIMARY KEY,
    from_at  timestamptz NOT NULL,
    until_at timestamptz NOT NULL
);
COMMENT ON TABLE ledger.hold IS 'Spans whose entries an incident keeps beyond their term.';

-- A take-over waits for the append under way, then shuts the door behind it.
CREATE FUNCTION ledger.take_over() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE ledger.fence SET epoch = epoch + 1 RETURNING epoch
$$;

-- One round trip, one commit: bodies are fixed width, details are cut at ``ends``.
CREATE FUNCTION ledger.append(
    my_epoch bigint, first_idx bigint, bodies bytea, ends integer[], details bytea,
    levels integer[], indexes bigint[], hashes bytea
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    standing bigint;
BEGIN
    SELECT epoch INTO standing FROM ledger.fence FOR SHARE;
    IF standing <> my_epoch THEN
        RAISE EXCEPTION 'fenced' USING ERRCODE = 'RM001';
    END IF;
    IF first_idx <> coalesce((SELECT max(idx) FROM ledger.entry), -1) + 1 THEN
        RAISE EXCEPTION 'not the next index' USING ERRCODE = 'RM002';
    END IF;
    INSERT INTO ledger.entry (idx, body, detail)
    SELECT first_idx + i - 1,
           substr(bodies, (i - 1) * 128 + 1, 128),
           substr(details, coalesce(ends[i - 1], 0) + 1, ends[i] - coalesce(ends[i - 1], 0))
    FROM generate_series(1, array_length(ends, 1)) AS i;
    IF array_length(levels, 1) > 0 THEN
        INSERT INTO ledger.subtree (level, idx, hash)
        SELECT levels[i], indexes[i], substr(hashes, (i - 1) * 32 + 1, 32)
        FROM generate_series(1, array_length(levels, 1)) AS i;
    END IF;
END $$;

CREATE FUNCTION ledger.publish(my_epoch bigint, at_size bigint, signed text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    standing bigint;
BEGIN
    SELECT epoch INTO standing FROM ledger.fence FOR SHARE;
    IF standing <> my_epoch THEN
        RAISE EXCEPTION 'fenced' USING ERRCODE = 'RM001';
    END IF;
    INSERT INTO ledger.checkpoint (size, note) VALUES (at_size, signed)
    ON CONFLICT (size) DO NOTHING;
END $$;

CREATE FUNCTION ledger.entry_time(body bytea) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT to_timestamp(('x' || encode(substr(body, 5, 8), 'hex'))::bit(64)::bigint / 1e6)
$$;

-- The one change the past allows: body and detail go, their leaf hash stays.
CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'entry' THEN
        IF NEW.idx = OLD.idx AND NEW.body IS NULL AND NEW.detail IS NULL
           AND NEW.leaf = sha256('\x00'::bytea || OLD.body)
           AND ledger.entry_time(OLD.body) < now() - interval '12 months'
           AND NOT EXISTS (
               SELECT FROM ledger.hold
               WHERE ledger.entry_time(OLD.body) BETWEEN from_at AND until_at)
        THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the ledger is append-only' USING ERRCODE = 'RM003';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger.entry
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger.entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger.subtree
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger.subtree
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON ledger.checkpoint
    FOR EACH ROW EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER never_emptied BEFORE TRUNCATE ON ledger.checkpoint
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.take_over(), ledger.publish(bigint, bigint, text),
    ledger.append(bigint, bigint, bytea, integer[], bytea, integer[], bigint[], bytea)
    TO rempart_vault;
GRANT SELECT ON ledger.entry, ledger.subtree, ledger.checkpoint, ledger.fence
    TO rempart_vault, rempart_auditor;
