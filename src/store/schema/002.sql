-- The course of an issue. `state` tells only whether it is the one under way;
-- these tell how far it is.
ALTER TABLE issue ADD COLUMN content   TEXT NOT NULL DEFAULT '';    -- hash of all that readers will see
ALTER TABLE issue ADD COLUMN approved  TEXT;                        -- the `content` that an editor approved
ALTER TABLE issue ADD COLUMN due       INTEGER NOT NULL DEFAULT 0;  -- planned, approved or resumed last
ALTER TABLE issue ADD COLUMN begun     INTEGER;
ALTER TABLE issue ADD COLUMN paused    INTEGER;
ALTER TABLE issue ADD COLUMN cancelled INTEGER;
UPDATE issue SET due = planned;
UPDATE issue SET begun = planned
    WHERE EXISTS (SELECT 1 FROM delivery WHERE delivery.issue = issue.number AND delivery.state <> 'planned');

-- Hash of what the issue shows of the post: whether it was edited since.
ALTER TABLE announcement ADD COLUMN shown TEXT NOT NULL DEFAULT '';

-- Nothing of a cancelled issue leaves, whoever asks.
CREATE TRIGGER cancelled_issues_stay BEFORE UPDATE OF state ON delivery
    WHEN NEW.state IN ('claimed', 'sending')
        AND EXISTS (SELECT 1 FROM issue WHERE number = NEW.issue AND cancelled IS NOT NULL)
    BEGIN SELECT RAISE(IGNORE); END;

-- The days of the schedule for which an issue was planned, or for which there was none to plan.
CREATE TABLE period (
    day   TEXT PRIMARY KEY,              -- local, like 2026-12-01
    issue INTEGER UNIQUE REFERENCES issue (number),
    at    INTEGER NOT NULL,
    why   TEXT NOT NULL                  -- for a person
) STRICT;

-- Since when which schedule is kept: what lies before is not made up for.
CREATE TABLE schedule (
    only  INTEGER PRIMARY KEY CHECK (only = 1),
    rule  TEXT NOT NULL,
    since INTEGER NOT NULL
) STRICT;
