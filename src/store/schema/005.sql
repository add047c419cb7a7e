-- Which process holds a delivery, so that several can share an issue.
ALTER TABLE delivery ADD COLUMN owner TEXT;

-- A reader who leaves at the last moment.
INSERT INTO edge (state, next) VALUES ('claimed', 'suppressed');

-- How fast mail may leave, by relay or receiving domain. Here, and not in a
-- process, so that a restart does not begin anew.
CREATE TABLE pace (
    name    TEXT PRIMARY KEY,
    next_at INTEGER NOT NULL DEFAULT 0,  -- when the next message may leave
    aside   INTEGER NOT NULL DEFAULT 0,  -- until when those who have to wait for that are spread
    rest    INTEGER NOT NULL DEFAULT 0,  -- milliseconds of the last pause, doubled by the next
    until   INTEGER NOT NULL DEFAULT 0   -- the end of the pause
) STRICT, WITHOUT ROWID;

-- Messages that left by a relay in an hour, for the limit of a day.
CREATE TABLE departure (
    relay TEXT NOT NULL,
    hour  INTEGER NOT NULL,              -- hours since 1970
    count INTEGER NOT NULL,
    PRIMARY KEY (relay, hour)
) STRICT, WITHOUT ROWID;
