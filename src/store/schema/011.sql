-- Complaints at which the breaker stopped an issue last, and whether it still waits for
-- a person for it: then it is paused.
ALTER TABLE issue ADD COLUMN tripped INTEGER NOT NULL DEFAULT 0;
ALTER TABLE issue ADD COLUMN halted INTEGER NOT NULL DEFAULT 0 CHECK (halted IN (0, 1));
