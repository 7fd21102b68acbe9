-- passwords --
-- Columns of our tables whose name says that they could hold one.
SELECT count(*) FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname IN ('registry', 'sealed', 'ledger', 'status', 'billing', 'incident')
  AND a.attnum > 0 AND NOT a.attisdropped
  AND a.attname ~* '(pass(word|wd|phrase|e)?$|passw|pwd|mot_?de_?passe|secret)'

-- strange --
-- Columns of sealed tables that are not the known ones.
SELECT n.nspname || '.' || c.relname || '.' || a.attname FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'sealed' AND a.attnum > 0 AND NOT a.attisdropped
  AND c.relname || '.' || a.attname <> ALL(%(known)s)

-- locks --
-- Counted where there are few, as the planner has them where there are many.
SELECT CASE WHEN reltuples > 100000 THEN reltuples::bigint
            ELSE (SELECT count(*) FROM sealed.lock) END
FROM pg_class WHERE oid = 'sealed.lock'::regclass

-- old_cards --
-- Insurers with a live lock of a card that has no printed key (kind 3).
SELECT count(*) FROM registry.insurer AS i WHERE EXISTS (
    SELECT FROM sealed.lock AS l
    WHERE l.amc = i.amc AND l.kind = 3 AND (l.ends IS NULL OR l.ends >= current_date))

-- triggers --
-- Those of migrations/0004_ledger.sql and 0016_incidents.sql, and what they do; one that is off is 'D'.
SELECT n.nspname || '.' || c.relname || '.' || t.tgname, n.nspname, p.prosrc FROM pg_trigger t
JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_proc p ON p.oid = t.tgfoid
WHERE n.nspname IN ('ledger', 'incident') AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')
  AND p.proname = 'refuse_change'

-- writers --
-- Roles of ours, but the owner, that could write the past without the vault's functions.
SELECT count(*) FROM unnest(%(roles)s::text[]) AS role
WHERE EXISTS (
    SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'ledger' AND c.relname IN ('entry', 'subtree', 'checkpoint')
      AND (has_table_privilege(role, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
           OR has_any_column_privilege(role, c.oid, 'INSERT, UPDATE')))

-- epoch --
SELECT epoch FROM ledger.fence

-- following --
-- Whether a commit waits for another server, and how many follow.
SELECT (current_setting('synchronous_standby_names') <> ''
        AND current_setting('synchronous_commit') NOT IN ('off', 'local')),
       (SELECT count(*) FROM pg_stat_replication)

-- staff --
-- People of the operator and of insurers who may sign in; those with a passkey that serves.
SELECT count(*), count(*) FILTER (WHERE EXISTS (
    SELECT FROM registry.passkey k WHERE k.account = p.number AND k.revoked_at IS NULL))
FROM registry.person p WHERE role >= 3 AND left_at IS NULL AND suspended IS NULL

-- overdue --
SELECT ledger.overdue(), sealed.overdue(%(months)s), ledger.held()
