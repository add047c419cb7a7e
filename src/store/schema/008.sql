-- People who asked to be forgotten: a keyed hash that tells their address again, so
-- that no list brings them back, and nothing else.
CREATE TABLE forgotten (
    hash TEXT PRIMARY KEY,
    at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE subscriber ADD COLUMN forgotten INTEGER;

-- The one whose lines are being erased; empty at any other time. The law that gives
-- people the right to be forgotten is above the rule that nothing is taken away.
CREATE TABLE erasure (
    subscriber INTEGER PRIMARY KEY REFERENCES subscriber (id)
) STRICT;
DROP TRIGGER consent_is_kept;
CREATE TRIGGER consent_is_kept BEFORE DELETE ON consent
    WHEN NOT EXISTS (SELECT 1 FROM erasure WHERE subscriber = OLD.subscriber)
    BEGIN SELECT RAISE(ABORT, 'consent is only added to'); END;
DROP TRIGGER suppression_is_kept;
CREATE TRIGGER suppression_is_kept BEFORE DELETE ON suppression
    WHEN NOT EXISTS (SELECT 1 FROM erasure WHERE subscriber = OLD.subscriber)
    BEGIN SELECT RAISE(ABORT, 'suppression is only added to'); END;

-- Implied consents by the day on which they end.
CREATE INDEX consent_ends ON subscriber (until) WHERE consent = 'implied';
