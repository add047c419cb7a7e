-- Evidence in columns, so that each can be shown by itself: what the person did, by
-- which way, when, and what exactly they read as they did it.
CREATE TABLE wording (
    id       INTEGER PRIMARY KEY,
    language TEXT NOT NULL,
    words    TEXT NOT NULL,
    UNIQUE (language, words)
) STRICT;
CREATE TRIGGER wording_stays BEFORE UPDATE ON wording
    BEGIN SELECT RAISE(ABORT, 'what people were shown stays as it was'); END;
CREATE TRIGGER wording_is_kept BEFORE DELETE ON wording
    BEGIN SELECT RAISE(ABORT, 'what people were shown stays as it was'); END;

-- Lines of an older courrier say 'noted', and how in their own words alone.
ALTER TABLE consent ADD COLUMN act        TEXT NOT NULL DEFAULT 'noted';
ALTER TABLE consent ADD COLUMN way        TEXT NOT NULL DEFAULT 'unstated';
ALTER TABLE consent ADD COLUMN given      INTEGER;  -- when the person did it; `at` where that is not known
ALTER TABLE consent ADD COLUMN basis      TEXT;     -- of an implied consent
ALTER TABLE consent ADD COLUMN since      TEXT CHECK ((since IS NOT NULL) = (basis IS NOT NULL));
ALTER TABLE consent ADD COLUMN wording    INTEGER REFERENCES wording (id);
ALTER TABLE consent ADD COLUMN page       TEXT;
ALTER TABLE consent ADD COLUMN ip         TEXT;
ALTER TABLE consent ADD COLUMN entered_by TEXT;
ALTER TABLE consent ADD COLUMN done       TEXT;     -- what followed, of a withdrawal

-- The last day on which they want nothing.
ALTER TABLE subscriber ADD COLUMN paused TEXT;
