-- A list of three is a table, which SQLite makes anew for each row that changes.
DROP INDEX delivery_in_hand;
CREATE INDEX delivery_in_hand ON delivery (state)
    WHERE state = 'claimed' OR state = 'sending' OR state = 'uncertain';
DROP INDEX notice_in_hand;
CREATE INDEX notice_in_hand ON notice (state)
    WHERE state = 'claimed' OR state = 'sending' OR state = 'uncertain';
