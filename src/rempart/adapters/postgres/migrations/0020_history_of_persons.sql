-- Who was read, by person: for whoever asks it of their own. Bytes of a body are those of
-- specs/disclosure-entry.md: type 0, period 2 and 3, person 12 to 27, outcome 83, cited entry 88 to
-- 95. The period comes first: what is appended falls into this month's part of the index alone.

CREATE INDEX entry_of_persons ON ledger.entry ((substr(body, 3, 2) || substr(body, 13, 16)))
    WHERE body IS NOT NULL AND get_byte(body, 83) = 1 AND get_byte(body, 0) IN (1, 2, 12);
CREATE INDEX entry_unopened ON ledger.entry (substr(body, 89, 8))
    WHERE body IS NOT NULL AND get_byte(body, 0) = 3;
