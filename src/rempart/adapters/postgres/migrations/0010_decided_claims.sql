-- A person's decision on a claim is an entry of the ledger, and is kept here with its place. What was
-- decided before has none: it waits to be decided again.

DELETE FROM billing.decision;
ALTER TABLE billing.decision
    ADD COLUMN why smallint NOT NULL,
    ADD COLUMN entry bigint NOT NULL CHECK (entry >= 0),
    ADD COLUMN tag bytea NOT NULL UNIQUE CHECK (octet_length(tag) = 16);
COMMENT ON TABLE billing.decision IS
    'What a person made of a claim that was left to one: as the ledger says, which can make it again.';
COMMENT ON COLUMN billing.decision.entry IS 'The entry of the ledger: nothing is decided without.';
COMMENT ON COLUMN billing.decision.decided_at IS 'When it was kept; when it was taken, its entry says.';
COMMENT ON COLUMN billing.decision.tag IS 'How that entry names the claim.';
