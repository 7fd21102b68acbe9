-- no_list --
CREATE OR REPLACE TEMP TABLE listed (
    old BOOLEAN, verdict UTINYINT, amc UINTEGER, period USMALLINT, person BLOB, fields VARCHAR,
    domains VARCHAR, presences VARCHAR, accounts VARCHAR, first BIGINT, last BIGINT, answers BIGINT,
    entry UBIGINT)

-- listed --
-- Who is not cleared, of the list of a scope (specs/scope.md), or, of an earlier one, of the
-- insurers whose last report follows from it.
INSERT INTO listed
SELECT $old, CASE verdict WHEN 'breached' THEN 3 ELSE 2 END, amc::UINTEGER, period::USMALLINT,
       unhex(person), coalesce(fields, ''), coalesce(domains, ''), coalesce(presences, ''),
       accounts, first::BIGINT, last::BIGINT, answers::BIGINT, entry::UBIGINT
FROM read_csv($list, header = true, delim = ';', all_varchar = true)
WHERE verdict <> 'cleared' AND (NOT $old OR list_contains($insurers::UINTEGER[], amc::UINTEGER))

-- days --
SELECT DISTINCT first // 86400000000, period FROM listed ORDER BY ALL

-- people_of_day --
SELECT DISTINCT person, amc FROM listed WHERE first // 86400000000 = $day AND period = $period

-- no_whose --
CREATE OR REPLACE TEMP TABLE whose (period USMALLINT, person BLOB, handle BLOB)

-- whose --
-- A pseudonym stands in the table of each day on which it was asked about.
INSERT INTO whose
SELECT DISTINCT $period::USMALLINT, unhex(person), unhex(handle)
FROM read_csv($lines, header = false, auto_detect = false, delim = ',', quote = '', escape = '',
              columns = {'person': 'VARCHAR', 'handle': 'VARCHAR'})

-- said --
SELECT DISTINCT fields, domains, presences FROM listed

-- masks --
CREATE OR REPLACE TEMP TABLE masks AS
SELECT unnest($said_fields) AS fields, unnest($said_domains) AS domains,
       unnest($said_presences) AS presences, unnest($fields)::UINTEGER AS field_mask,
       unnest($domains)::UINTEGER AS domain_mask, unnest($presences)::UTINYINT AS presence_mask

-- named --
-- ``who`` is a handle where it is told, else a pseudonym.
CREATE OR REPLACE TEMP TABLE named AS
SELECT old, verdict, amc, w.handle IS NOT NULL AS told, coalesce(w.handle, l.person) AS who,
       CASE WHEN w.handle IS NULL THEN period ELSE 0 END AS period,
       field_mask, domain_mask, presence_mask, accounts, first, last, answers, entry
FROM listed l JOIN masks USING (fields, domains, presences)
LEFT JOIN (SELECT DISTINCT * FROM whose) w USING (period, person)

-- no_rows --
-- Of 33 million people these are gigabytes, on a disk that fills up last of all.
DROP TABLE listed; DROP TABLE whose

-- persons --
-- Each person once, in the worse part: what the answers of that part say of them.
CREATE OR REPLACE TEMP TABLE persons AS
SELECT amc, told, period, who, max(verdict) AS verdict, count(*) AS pseudonyms,
       coalesce(bit_or(field_mask) FILTER (verdict = 3), bit_or(field_mask)) AS fields,
       coalesce(bit_or(domain_mask) FILTER (verdict = 3), bit_or(domain_mask)) AS domains,
       coalesce(bit_or(presence_mask) FILTER (verdict = 3), bit_or(presence_mask)) AS presences,
       coalesce(min(accounts) FILTER (verdict = 3), min(accounts)) AS accounts,
       coalesce(max(accounts) FILTER (verdict = 3), max(accounts)) AS others,
       coalesce(min(first) FILTER (verdict = 3), min(first)) AS first,
       coalesce(max(last) FILTER (verdict = 3), max(last)) AS last,
       coalesce(sum(answers) FILTER (verdict = 3), sum(answers))::BIGINT AS answers,
       coalesce(min(entry) FILTER (verdict = 3), min(entry)) AS entry
FROM named WHERE NOT old GROUP BY amc, told, period, who ORDER BY amc

-- shared --
-- The accounts of whoever was read by several sets of them.
UPDATE persons SET accounts = s.accounts
FROM (SELECT amc, told, period, who, verdict, string_agg(DISTINCT n.accounts, '+') AS accounts
      FROM named n SEMI JOIN (SELECT * FROM persons WHERE accounts < others)
      USING (amc, told, period, who, verdict)
      WHERE NOT old GROUP BY amc, told, period, who, verdict) s
WHERE persons.amc = s.amc AND persons.told = s.told AND persons.period = s.period
  AND persons.who = s.who

-- before --
CREATE OR REPLACE TEMP TABLE before AS
SELECT amc, who, max(verdict) AS verdict FROM named WHERE old AND told GROUP BY amc, who

-- no_named --
DROP TABLE named

-- counts --
SELECT amc, verdict, told, fields, domains, presences, accounts, count(*),
       sum(answers)::BIGINT, min(first), max(last), sum(pseudonyms)::BIGINT
FROM persons GROUP BY ALL ORDER BY ALL

-- changes --
-- Of those who are named, now and before.
WITH now AS (SELECT amc, who, verdict FROM persons WHERE told)
SELECT amc, count(*) FILTER (now.verdict = 3 AND old.verdict IS DISTINCT FROM 3),
       count(*) FILTER (old.verdict = 3 AND now.verdict IS DISTINCT FROM 3),
       count(*) FILTER (now.verdict = 2 AND old.verdict IS DISTINCT FROM 2),
       count(*) FILTER (old.verdict = 2 AND now.verdict IS DISTINCT FROM 2)
FROM now FULL JOIN before old USING (amc, who) GROUP BY amc ORDER BY amc

-- sets --
SELECT DISTINCT accounts FROM persons

-- kinds --
CREATE OR REPLACE TEMP TABLE kinds AS
SELECT unnest($sets) AS accounts, unnest($counts)::UINTEGER AS count, unnest($kinds) AS kinds

-- person_masks --
SELECT DISTINCT fields, domains, presences FROM persons

-- words --
CREATE OR REPLACE TEMP TABLE words AS
SELECT unnest($fields)::UINTEGER AS fields, unnest($domains)::UINTEGER AS domains,
       unnest($presences)::UTINYINT AS presences, unnest($said) AS said

-- members --
-- One column, whose name is the heading of the file.
SELECT CASE verdict WHEN 3 THEN 'breached' ELSE 'undecided' END || ';' || lower(hex(who)) || ';'
       || said || ';' || kinds.count || ';' || kinds.kinds || ';' || first || ';' || last || ';'
       || answers || ';' || entry || '{ending}'
       AS "{heading}"
FROM persons JOIN words USING (fields, domains, presences) JOIN kinds USING (accounts)
WHERE amc = {amc} AND told
ORDER BY verdict DESC, who
