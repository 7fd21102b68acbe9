-- Three schemas, each the owner's; who may look inside which. What may be done there is granted
-- table by table. The gateway is named nowhere: it may connect, and that is all.

CREATE SCHEMA registry;
COMMENT ON SCHEMA registry IS 'Who takes part: insurers, sites, software. No insured person.';
CREATE SCHEMA sealed;
COMMENT ON SCHEMA sealed IS 'Locks under the insurer''s layer and the platform''s.';
CREATE SCHEMA ledger;
COMMENT ON SCHEMA ledger IS 'Disclosures and decisions, append-only.';

GRANT USAGE ON SCHEMA registry TO rempart_importer, rempart_vault, rempart_auditor;
GRANT USAGE ON SCHEMA sealed TO rempart_importer, rempart_vault;
GRANT USAGE ON SCHEMA ledger TO rempart_vault, rempart_auditor;

-- A function is nobody's until it is granted.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
