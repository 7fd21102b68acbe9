-- What care each claim is for, as far as a claim on other evidence for the same is to be found. What
-- was judged before is not related.

CREATE TABLE billing.care (
    claim    bigint  NOT NULL REFERENCES billing.ruling,
    care     bytea   NOT NULL CHECK (octet_length(care) = 32),
    answered boolean NOT NULL,
    PRIMARY KEY (claim, care)
);
COMMENT ON TABLE billing.care IS
    'A digest of a beneficiary''s pair with a site, a domain and a day, for each claim that was not refused.';
COMMENT ON COLUMN billing.care.answered IS 'The claim rests on an answer; else on a card.';
CREATE INDEX claim_by_care ON billing.care (care);
GRANT SELECT, INSERT ON billing.care TO rempart_judge;
