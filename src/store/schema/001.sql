-- Subscribers, consent, issues and deliveries.
-- Times are milliseconds since 1970 (UTC); days are text like 2026-11-22.

CREATE TABLE secret (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

CREATE TABLE subscriber (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,
    email    TEXT NOT NULL COLLATE NOCASE,  -- once, see subscriber_address
    name     TEXT,
    language TEXT,
    cities   TEXT NOT NULL,              -- one a line
    -- The newest line of `consent`, kept here so that one look tells.
    -- A list of three is a table, which SQLite makes anew for each row; hence the ORs.
    consent  TEXT NOT NULL CHECK (consent = 'pending' OR consent = 'express' OR consent = 'implied'
                                  OR consent = 'withdrawn' OR consent = 'sample'),
    until    TEXT CHECK ((until IS NOT NULL) = (consent = 'implied'))
) STRICT;

-- What can be shown when somebody asks (CASL s. 13). Only added to.
CREATE TABLE consent (
    id         INTEGER PRIMARY KEY,
    subscriber INTEGER NOT NULL REFERENCES subscriber (id),
    at         INTEGER NOT NULL,
    consent    TEXT NOT NULL,
    until      TEXT,
    evidence   TEXT NOT NULL
) STRICT;
CREATE INDEX consent_of ON consent (subscriber, id);
CREATE TRIGGER consent_stays BEFORE UPDATE ON consent
    BEGIN SELECT RAISE(ABORT, 'consent is only added to'); END;
CREATE TRIGGER consent_is_kept BEFORE DELETE ON consent
    BEGIN SELECT RAISE(ABORT, 'consent is only added to'); END;

-- Everything that a message is made of is frozen when the issue is planned, so
-- that a message sent again after a crash has the same bytes.
CREATE TABLE issue (
    number    INTEGER PRIMARY KEY CHECK (number > 0),
    state     TEXT NOT NULL CHECK (state IN ('open', 'complete')),
    planned   INTEGER NOT NULL,
    completed INTEGER,
    contents  TEXT NOT NULL UNIQUE,      -- hash of the posts' ids: no two issues of the same posts
    letter    TEXT NOT NULL              -- JSON: the headers that all messages share
) STRICT;
CREATE UNIQUE INDEX one_issue_at_a_time ON issue (state) WHERE state = 'open';

CREATE TABLE variant (
    issue    INTEGER NOT NULL REFERENCES issue (number),
    language TEXT NOT NULL,
    body     TEXT NOT NULL,              -- JSON: subject, html, text, greetings
    PRIMARY KEY (issue, language)
) STRICT, WITHOUT ROWID;

CREATE TABLE announcement (
    post  TEXT NOT NULL,                 -- the permanent id
    issue INTEGER NOT NULL REFERENCES issue (number),
    title TEXT NOT NULL,
    PRIMARY KEY (post, issue)
) STRICT, WITHOUT ROWID;

-- The ledger: one row for each issue and subscriber.
CREATE TABLE delivery (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    issue       INTEGER NOT NULL REFERENCES issue (number),
    subscriber  INTEGER NOT NULL REFERENCES subscriber (id),
    rcpt        TEXT NOT NULL,
    name        TEXT,
    language    TEXT NOT NULL,
    message_id  TEXT NOT NULL,           -- follows from issue and subscriber: as unique as they are
    token       TEXT NOT NULL,
    state       TEXT NOT NULL DEFAULT 'planned',
    fence       INTEGER NOT NULL DEFAULT 0,  -- grows with each claim; every later UPDATE names it
    lease_until INTEGER NOT NULL DEFAULT 0,
    next_at     INTEGER NOT NULL DEFAULT 0,
    attempts    INTEGER NOT NULL DEFAULT 0,  -- times the message may have left
    delays      INTEGER NOT NULL DEFAULT 0,  -- 4xx in a row
    unsure      INTEGER NOT NULL DEFAULT 0,  -- times it became uncertain
    crashes     INTEGER NOT NULL DEFAULT 0,  -- runs in a row that died with it in hand
    phase       TEXT,
    code        INTEGER,
    reply       TEXT,
    changed     INTEGER NOT NULL,
    UNIQUE (issue, subscriber)
) STRICT;
CREATE INDEX delivery_due ON delivery (issue, next_at, id) WHERE state IN ('planned', 'deferred');
CREATE INDEX delivery_in_hand ON delivery (state) WHERE state IN ('claimed', 'sending', 'uncertain');

-- Which state may follow which.
CREATE TABLE edge (
    state TEXT NOT NULL,
    next  TEXT NOT NULL,
    PRIMARY KEY (state, next)
) STRICT, WITHOUT ROWID;
INSERT INTO edge (state, next) VALUES
    ('planned', 'claimed'), ('planned', 'suppressed'), ('planned', 'cancelled'), ('planned', 'deferred'),
    ('claimed', 'sending'), ('claimed', 'deferred'), ('claimed', 'failed'), ('claimed', 'planned'),
    ('claimed', 'expired'), ('sending', 'expired'), ('failed', 'planned'),
    ('sending', 'accepted'), ('sending', 'deferred'), ('sending', 'failed'), ('sending', 'uncertain'),
    ('deferred', 'claimed'), ('deferred', 'expired'), ('deferred', 'suppressed'), ('deferred', 'cancelled'),
    ('uncertain', 'planned'), ('uncertain', 'accepted'), ('uncertain', 'bounced'), ('uncertain', 'deferred'),
    ('uncertain', 'failed'), ('accepted', 'bounced');
CREATE TRIGGER delivery_follows_the_edges BEFORE UPDATE OF state ON delivery
    WHEN OLD.state <> NEW.state AND NOT EXISTS (SELECT 1 FROM edge WHERE state = OLD.state AND next = NEW.state)
    BEGIN SELECT RAISE(ABORT, 'no such step in the life of a delivery'); END;
