-- A request for an agreement on an answer waits for a person, and the claim on that answer follows it.

ALTER TABLE billing.ruling ADD COLUMN asks bigint;
COMMENT ON COLUMN billing.ruling.asks IS 'The answer that a request for an agreement rests on.';
CREATE INDEX ruling_by_asks ON billing.ruling (asks) WHERE asks IS NOT NULL;
