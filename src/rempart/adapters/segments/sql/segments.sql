-- raw --
-- One line an entry: its index, then body, detail and leaf hash in hexadecimal.
CREATE OR REPLACE TEMP TABLE raw AS
SELECT * FROM read_csv($lines, header = false, auto_detect = false, delim = ',', quote = '',
    escape = '', columns = {
        'idx': 'UBIGINT', 'body': 'VARCHAR', 'detail': 'VARCHAR', 'leaf': 'VARCHAR'})

-- decoded --
-- The 128 bytes of specs/disclosure-entry.md; byte n of a body is character 2n + 1 of its line.
-- The number of the account stands in the detail of a question, 51 bytes from its beginning in
-- every version.
CREATE OR REPLACE TEMP TABLE decoded AS
SELECT idx,
       ('0x' || body[1:2])::UTINYINT AS type,
       ('0x' || body[5:8])::USMALLINT AS period,
       ('0x' || body[9:24])::BIGINT AS moment,
       CASE WHEN ('0x' || body[1:2])::UTINYINT IN (1, 2)
            THEN ('0x' || detail[103:110])::UINTEGER ELSE 0 END AS number,
       unhex(body[25:56]) AS person,
       unhex(body[57:88]) AS account,
       unhex(body[89:120]) AS site,
       unhex(body[121:152]) AS session,
       ('0x' || body[153:160])::UINTEGER AS amc,
       ('0x' || body[161:164])::USMALLINT AS domain,
       ('0x' || body[165:166])::UTINYINT AS presence,
       ('0x' || body[167:168])::UTINYINT AS outcome,
       ('0x' || body[169:176])::UINTEGER AS fields,
       ('0x' || body[177:192])::UBIGINT AS cites,
       unhex(detail) AS detail,
       unhex(leaf) AS leaf
FROM raw

-- no_numbers --
CREATE OR REPLACE TEMP TABLE known (period USMALLINT, person BLOB, person_no UINTEGER);
CREATE OR REPLACE TEMP TABLE last (period USMALLINT, no UINTEGER)

-- periods --
SELECT DISTINCT period FROM decoded WHERE period IS NOT NULL

-- known_numbers --
-- Who has a number in a day that is closed keeps it until the end of the key period.
CREATE OR REPLACE TEMP TABLE known AS
SELECT DISTINCT period, person, person_no FROM read_parquet($earlier)
SEMI JOIN decoded USING (period, person) WHERE person_no > 0

-- last_numbers --
CREATE OR REPLACE TEMP TABLE last AS
SELECT period, max(person_no) AS no FROM read_parquet($earlier) GROUP BY period

-- numbers --
-- The others are numbered as they come.
CREATE OR REPLACE TEMP TABLE numbers AS
WITH fresh AS (
    SELECT period, person, min(idx) AS first FROM decoded
    WHERE person <> unhex('00000000000000000000000000000000')
    GROUP BY period, person
)
SELECT period, person, person_no FROM known
UNION ALL
SELECT period, person, (coalesce(last.no, 0)
           + row_number() OVER (PARTITION BY period ORDER BY first))::UINTEGER
FROM fresh ANTI JOIN known USING (period, person) LEFT JOIN last USING (period)

-- shape --
SELECT idx, type, period, moment, number, coalesce(person_no, 0)::UINTEGER AS person_no,
       person, account, site, session, amc, domain, presence, outcome, fields, cites, detail, leaf
FROM decoded LEFT JOIN numbers USING (period, person)
ORDER BY number, account, idx

-- last_number --
SELECT greatest(coalesce((SELECT max(person_no) FROM numbers), 0),
                coalesce((SELECT max(no) FROM last), 0))

-- entries --
SELECT idx, type, period, moment, person, account, site, session, amc, domain, presence, outcome,
       fields, cites, detail, leaf
FROM read_parquet($file) ORDER BY idx

-- people --
SELECT person, min(amc) FROM read_parquet($file) WHERE person_no > 0 GROUP BY person

-- erased --
-- Ranges of consecutive entries of which only the leaf hash is left.
SELECT min(idx), max(idx) + 1 FROM (
    SELECT idx, idx - row_number() OVER (ORDER BY idx) AS island
    FROM read_parquet($file) WHERE leaf IS NOT NULL)
GROUP BY island ORDER BY 1
