-- One record of any kind. `doc` holds its sealed cells; the open columns say nothing about a person.
CREATE TABLE record (
    ws BIGINT NOT NULL,
    id BYTEA NOT NULL,
    kind BIGINT NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    owner BYTEA,
    doc BYTEA NOT NULL,
    PRIMARY KEY (ws, id)
);
CREATE INDEX record_updated ON record (ws, kind, updated_at, id);
CREATE INDEX record_id ON record (ws, kind, id);

-- The key of a record about several people, wrapped once for each of them.
CREATE TABLE record_key (
    ws BIGINT NOT NULL,
    record BYTEA NOT NULL,
    subject BYTEA NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (ws, record, subject)
);
CREATE INDEX record_key_subject ON record_key (ws, subject);

-- What belongs together: a person to a company, a note to the people it is about.
CREATE TABLE link (
    ws BIGINT NOT NULL,
    from_id BYTEA NOT NULL,
    kind BIGINT NOT NULL,
    to_id BYTEA NOT NULL,
    since BIGINT NOT NULL,
    PRIMARY KEY (ws, from_id, kind, to_id)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX link_to ON link (ws, to_id, kind, from_id);

-- Blind indexes: keyed tokens of sealed values. Derived, never backed up, rebuilt from the records.
CREATE TABLE bidx (
    ws BIGINT NOT NULL,
    field BIGINT NOT NULL,
    token BYTEA NOT NULL,
    record BYTEA NOT NULL,
    PRIMARY KEY (ws, field, token, record)
) /*sqlite: WITHOUT ROWID*/;

-- Values of fields that say nothing about a person (a stage, a source), in clear for filters.
CREATE TABLE facet (
    ws BIGINT NOT NULL,
    field BIGINT NOT NULL,
    value TEXT NOT NULL,
    record BYTEA NOT NULL,
    PRIMARY KEY (ws, field, value, record)
) /*sqlite: WITHOUT ROWID*/;

-- Cells as they were before a change, still sealed, for undo and the history of a field.
CREATE TABLE history (
    ws BIGINT NOT NULL,
    record BYTEA NOT NULL,
    rev BIGINT NOT NULL,
    at BIGINT NOT NULL,
    actor BYTEA NOT NULL,
    cells BYTEA NOT NULL,
    PRIMARY KEY (ws, record, rev)
);

-- Requests that were carried out, so that a repeated one is not carried out twice.
CREATE TABLE idempotency (
    ws BIGINT NOT NULL,
    key_hash BYTEA NOT NULL,
    body_hash BYTEA NOT NULL,
    record BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (ws, key_hash)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX idempotency_record ON idempotency (ws, record);
