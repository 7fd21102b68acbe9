-- Which software must seal what patients bring: what is there may go on, what comes must.

ALTER TABLE registry.software
    ADD COLUMN sealing text NOT NULL DEFAULT 'open' CHECK (sealing IN ('required', 'open'));
ALTER TABLE registry.software ALTER COLUMN sealing SET DEFAULT 'required';
COMMENT ON COLUMN registry.software.sealing IS
    'Whether a question in clear is refused; until when open serves: src/rempart/domain/sealed_presence.py.';
