-- A step that is refused leaves nothing to undo, where it is about one row; and to be
-- able to undo it costs SQLite a copy of each page that an UPDATE is about to change.
DROP TRIGGER delivery_follows_the_edges;
CREATE TRIGGER delivery_follows_the_edges BEFORE UPDATE OF state ON delivery
    WHEN OLD.state <> NEW.state AND NOT EXISTS (SELECT 1 FROM edge WHERE state = OLD.state AND next = NEW.state)
    BEGIN SELECT RAISE(FAIL, 'no such step in the life of a delivery'); END;
