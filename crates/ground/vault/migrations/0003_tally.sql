-- One keyed sum over all rows of each table of the data store that seldom changes: a row that was
-- changed, deleted, added or put back behind the program's back no longer fits it.
CREATE TABLE tally (
    ws BIGINT NOT NULL,
    name TEXT NOT NULL,
    counted BIGINT NOT NULL,
    total BYTEA NOT NULL,
    mac BYTEA NOT NULL,
    PRIMARY KEY (ws, name)
) /*sqlite: WITHOUT ROWID*/;
