-- suspects --
-- One row an account of the finding; whose is 1 owner, 2 unknown, 3 thief.
CREATE OR REPLACE TEMP TABLE suspect AS
SELECT unnest($numbers)::UINTEGER AS number, unnest($stolen)::BIGINT AS stolen,
       unnest($contained)::BIGINT AS contained, unnest($rest)::UTINYINT AS rest

-- named --
-- Of a session that is ``keyed``, only what was answered on a card (4), a phone (5) or a printed
-- key (2).
CREATE OR REPLACE TEMP TABLE named AS
SELECT unhex(unnest($sessions)) AS session, unnest($whose)::UTINYINT AS whose,
       unnest($keyed)::BOOLEAN AS keyed

-- windows --
-- When a gateway was somebody else's; they do not overlap.
CREATE OR REPLACE TEMP TABLE windows AS
SELECT unnest($since)::BIGINT AS since, unnest($until)::BIGINT AS until

-- asked --
-- What the accounts of the finding asked, and by whom: the text of specs/scope.md, rule 2.
-- ``entries`` are the closed days and what follows them. Files are sorted by number: only pages
-- that hold one of these are read.
CREATE OR REPLACE TEMP VIEW asked AS
SELECT e.idx, e.period, e.moment, e.number, e.person_no, e.person, e.session, e.amc, e.domain,
       e.presence, e.outcome, e.fields,
       e.moment < s.stolen OR e.moment > s.contained AS outside, e.moment < s.stolen AS early,
       CASE WHEN n.whose = 3 THEN 3 WHEN e.moment < s.stolen OR e.moment > s.contained THEN 1
            WHEN n.keyed AND e.presence NOT IN (2, 4, 5) THEN s.rest
            ELSE coalesce(n.whose, s.rest) END AS whose
FROM entries e JOIN suspect s USING (number) LEFT JOIN named n USING (session)
WHERE e.type IN (1, 2)

-- passed --
-- The same, where a gateway was somebody else's: what passed through it is theirs, whoever asked.
CREATE OR REPLACE TEMP VIEW asked AS
WITH of_accounts AS (
    SELECT e.*, s.stolen, s.contained, s.rest, w.since IS NOT NULL AS passed
    FROM entries e LEFT JOIN suspect s USING (number)
    LEFT JOIN windows w ON e.moment BETWEEN w.since AND w.until
    WHERE e.type IN (1, 2) AND (s.number IS NOT NULL OR w.since IS NOT NULL)
)
SELECT e.idx, e.period, e.moment, e.number, e.person_no, e.person, e.session, e.amc, e.domain,
       e.presence, e.outcome, e.fields,
       NOT passed AND (e.moment < e.stolen OR e.moment > e.contained) AS outside,
       e.moment < e.stolen AS early,
       CASE WHEN passed OR n.whose = 3 THEN 3
            WHEN e.moment < e.stolen OR e.moment > e.contained THEN 1
            WHEN n.keyed AND e.presence NOT IN (2, 4, 5) THEN e.rest
            ELSE coalesce(n.whose, e.rest) END AS whose
FROM of_accounts e LEFT JOIN named n USING (session)

-- spoilt --
-- Rule 1: what was not opened (3), or was nobody (9). Such entries have no number.
CREATE OR REPLACE TEMP TABLE spoilt AS
SELECT cites AS idx, max(type) AS type FROM entries WHERE number = 0 AND type IN (3, 9)
GROUP BY cites

-- contradiction --
SELECT number, early FROM asked WHERE whose = 3 AND outside AND outcome = 1
ORDER BY idx LIMIT 1

-- met --
SELECT DISTINCT session FROM asked SEMI JOIN named USING (session)

-- who_asked --
SELECT DISTINCT number FROM asked SEMI JOIN suspect USING (number)

-- in_vain --
SELECT whose, outcome, count(*) FROM asked WHERE outcome <> 1 GROUP BY ALL ORDER BY ALL

-- spoilt_counts --
SELECT s.type, whose, count(*) FROM asked JOIN spoilt s USING (idx) WHERE outcome = 1
GROUP BY ALL ORDER BY ALL

-- answered --
CREATE OR REPLACE TEMP VIEW answered AS
SELECT * FROM asked ANTI JOIN spoilt USING (idx) WHERE outcome = 1 AND person_no > 0

-- facts --
-- Rule 3, in two steps: what each person was read of by each, then the worst of it.
CREATE OR REPLACE TEMP TABLE facts AS
SELECT period, amc, person_no, whose, min(person) AS person, bit_or(fields) AS fields,
       bit_or(1::UINTEGER << domain) AS domains, bit_or(1::UTINYINT << presence) AS presences,
       min(number) AS number, max(number) AS other, min(moment) AS first, max(moment) AS last,
       count(*) AS answers, min(idx) AS entry
FROM answered GROUP BY period, amc, person_no, whose

-- people --
CREATE OR REPLACE TEMP TABLE people AS
WITH worst AS (
    SELECT period, amc, person_no, max(whose) AS whose FROM facts
    GROUP BY period, amc, person_no
)
SELECT CASE WHEN whose = 1 AND NOT $clears THEN 2 ELSE whose END AS verdict, facts.*
FROM facts JOIN worst USING (period, amc, person_no, whose)

-- persons --
SELECT count(*) FROM (SELECT DISTINCT period, person_no FROM answered)

-- insurers --
SELECT amc, count(*) FILTER (verdict = 3), count(*) FILTER (verdict = 2),
       count(*) FILTER (verdict = 1)
FROM people GROUP BY amc ORDER BY amc

-- masks --
SELECT DISTINCT fields, domains, presences FROM people

-- words --
CREATE OR REPLACE TEMP TABLE words AS
SELECT unnest($fields)::UINTEGER AS fields, unnest($domains)::UINTEGER AS domains,
       unnest($presences)::UTINYINT AS presences, unnest($said) AS said

-- shared --
-- The accounts of whoever was read by several.
CREATE OR REPLACE TEMP TABLE shared AS
SELECT period, amc, person_no, whose, string_agg(number::VARCHAR, '+' ORDER BY number) AS accounts
FROM (SELECT DISTINCT period, amc, person_no, whose, number FROM answered
      SEMI JOIN (SELECT * FROM facts WHERE number < other)
      USING (period, amc, person_no, whose))
GROUP BY period, amc, person_no, whose

-- list --
-- One column, whose name is the heading of the file.
SELECT CASE verdict WHEN 3 THEN 'breached' WHEN 2 THEN 'undecided' ELSE 'cleared' END
       || ';' || lpad(amc::VARCHAR, 8, '0') || ';' || period || ';' || lower(hex(person)) || ';'
       || said || ';' || coalesce(accounts, number::VARCHAR) || ';' || first || ';' || last || ';'
       || answers || ';' || entry || '{ending}'
       AS "{heading}"
FROM people JOIN words USING (fields, domains, presences)
LEFT JOIN shared USING (period, amc, person_no, whose)
ORDER BY verdict DESC, amc, period, person

-- moved --
-- How many people went from which part to which between two lists.
WITH old AS (SELECT * FROM read_csv($before, header = true, delim = ';', all_varchar = true)),
new AS (SELECT * FROM read_csv($after, header = true, delim = ';', all_varchar = true))
SELECT old.verdict, new.verdict, count(*)
FROM old FULL JOIN new USING (amc, period, person)
WHERE old.verdict IS DISTINCT FROM new.verdict
GROUP BY ALL ORDER BY ALL
