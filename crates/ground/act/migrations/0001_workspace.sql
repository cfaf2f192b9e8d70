-- The organisations whose data is here, each with its keys, log and settings. Nothing about a person.
CREATE TABLE workspace (
    ws BIGINT NOT NULL PRIMARY KEY,
    id BYTEA NOT NULL,
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
