-- What people filled in who want the newsletter. Nobody is a subscriber by it: who
-- answers the mail that follows is.
CREATE TABLE request (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    email      TEXT NOT NULL COLLATE NOCASE,
    language   TEXT NOT NULL,
    cities     TEXT NOT NULL,            -- one a line
    wording    TEXT NOT NULL,            -- what they were shown and agreed to
    shown      TEXT NOT NULL,            -- in which language
    page       TEXT NOT NULL,            -- where
    network    TEXT NOT NULL,            -- signed, so that nobody reads it: only for counting
    ip         TEXT,                     -- where it is to be kept
    -- new: nobody looked at it; asked: a mail asks for an answer; told: they are
    -- subscribed, and a mail says so; passed: no mail, there were enough; confirmed.
    state      TEXT NOT NULL CHECK (state IN ('new', 'asked', 'told', 'passed', 'confirmed')),
    subscriber INTEGER REFERENCES subscriber (id)  -- who they became
) STRICT;
CREATE INDEX request_from ON request (network, at);
CREATE INDEX request_at ON request (at);
CREATE INDEX request_new ON request (id) WHERE state = 'new';

-- Single mails that are no issue: to confirm, to remind. A ledger row each, which
-- goes through the same states as a delivery.
CREATE TABLE notice (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,
    occasion    TEXT NOT NULL UNIQUE,    -- what it is about: nobody gets a second one
    subscriber  INTEGER REFERENCES subscriber (id),
    rcpt        TEXT NOT NULL COLLATE NOCASE,
    inbox       TEXT NOT NULL,           -- where it ends up, whatever stands behind a `+`
    message_id  TEXT NOT NULL UNIQUE,
    body        TEXT NOT NULL,           -- JSON: all that the message is made of, frozen
    planned     INTEGER NOT NULL,
    expires     INTEGER NOT NULL,
    state       TEXT NOT NULL DEFAULT 'planned',
    fence       INTEGER NOT NULL DEFAULT 0,
    owner       TEXT,
    lease_until INTEGER NOT NULL DEFAULT 0,
    next_at     INTEGER NOT NULL DEFAULT 0,
    attempts    INTEGER NOT NULL DEFAULT 0,
    delays      INTEGER NOT NULL DEFAULT 0,
    unsure      INTEGER NOT NULL DEFAULT 0,
    phase       TEXT,
    code        INTEGER,
    reply       TEXT,
    changed     INTEGER NOT NULL
) STRICT;
CREATE INDEX notice_to ON notice (inbox, kind, planned);
CREATE INDEX notice_due ON notice (next_at, id) WHERE state IN ('planned', 'deferred');
CREATE INDEX notice_in_hand ON notice (state) WHERE state IN ('claimed', 'sending', 'uncertain');
CREATE TRIGGER notice_follows_the_edges BEFORE UPDATE OF state ON notice
    WHEN OLD.state <> NEW.state AND NOT EXISTS (SELECT 1 FROM edge WHERE state = OLD.state AND next = NEW.state)
    BEGIN SELECT RAISE(ABORT, 'no such step in the life of a notice'); END;
