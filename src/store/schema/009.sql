-- An address has one row however it is spelled; said so that PostgreSQL can say it too.
CREATE UNIQUE INDEX subscriber_address ON subscriber (lower(email));

-- Whom a process may write to, where that is not everybody.
CREATE TABLE only_to (
    process TEXT NOT NULL,
    rcpt    TEXT NOT NULL,               -- in lower case
    PRIMARY KEY (process, rcpt)
) STRICT, WITHOUT ROWID;

-- The newest line about somebody.
CREATE INDEX suppression_of ON suppression (subscriber, id);

-- Where this store went: it sends no more.
ALTER TABLE instance ADD COLUMN moved TEXT;
