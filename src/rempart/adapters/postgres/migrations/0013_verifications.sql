-- A verification that a software reports after a cut is kept as a claim is (use 3).

ALTER TABLE billing.claim DROP CONSTRAINT claim_use_check;
ALTER TABLE billing.claim ADD CONSTRAINT claim_use_check CHECK (use IN (1, 2, 3));
