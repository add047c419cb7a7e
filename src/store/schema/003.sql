-- Which store this is: a copy, or one that was restored from an old backup, must not send.
CREATE TABLE instance (
    only      INTEGER PRIMARY KEY CHECK (only = 1),
    id        TEXT NOT NULL,
    sequence  INTEGER NOT NULL,          -- runs that sent to people; also kept beside the database
    machine   TEXT,                      -- hash of the machine's id
    file      TEXT,                      -- of the file system, another for each copy
    journaled INTEGER NOT NULL,          -- bytes of the journal that this store has compared with itself
    copied    INTEGER                    -- when `courrier backup` made this copy
) STRICT;
INSERT INTO instance (only, id, sequence, journaled) VALUES (1, lower(hex(randomblob(8))), 0, 0);

-- Only a reconciliation takes these: nobody knows what became of these deliveries.
INSERT INTO edge (state, next) VALUES ('planned', 'uncertain'), ('claimed', 'uncertain'), ('deferred', 'uncertain');
