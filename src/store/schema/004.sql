-- What came back: each message of the bounce mailbox that names a delivery, and
-- each refusal of a reader's own server.
CREATE TABLE bounce (
    id         INTEGER PRIMARY KEY,
    message    TEXT NOT NULL UNIQUE,     -- hash of it: what is read twice counts once
    delivery   INTEGER NOT NULL REFERENCES delivery (id),
    subscriber INTEGER NOT NULL REFERENCES subscriber (id),
    at         INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    status     TEXT,                     -- like 5.1.1 (RFC 3463)
    diagnostic TEXT NOT NULL,
    counts     INTEGER NOT NULL          -- 1 where several of them suppress the address
) STRICT;
CREATE INDEX bounce_of ON bounce (subscriber, at);

-- Why an address is not written to any more. Only added to; the newest counts, and
-- stands in `subscriber` too, so that one look tells.
CREATE TABLE suppression (
    id         INTEGER PRIMARY KEY,
    subscriber INTEGER NOT NULL REFERENCES subscriber (id),
    at         INTEGER NOT NULL,
    reason     TEXT NOT NULL CHECK (reason IN ('hard bounce', 'bounces', 'complaint', 'lifted')),
    evidence   TEXT NOT NULL
) STRICT;
CREATE TRIGGER suppression_stays BEFORE UPDATE ON suppression
    BEGIN SELECT RAISE(ABORT, 'suppression is only added to'); END;
CREATE TRIGGER suppression_is_kept BEFORE DELETE ON suppression
    BEGIN SELECT RAISE(ABORT, 'suppression is only added to'); END;
ALTER TABLE subscriber ADD COLUMN suppressed TEXT
    CHECK (suppressed = 'hard bounce' OR suppressed = 'bounces' OR suppressed = 'complaint');
