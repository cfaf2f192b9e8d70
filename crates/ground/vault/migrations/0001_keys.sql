-- Wrapped keys and tombstones. Lives in the key store, whose backups are kept for days, not years.

-- One row a workspace: which root key wraps its keys, and a stamp that changes with every rotation.
CREATE TABLE key_root (
    ws BIGINT NOT NULL,
    root_id TEXT NOT NULL,
    stamp BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (ws)
);

-- Workspace keys, wrapped by the root key. The highest version wraps what is new.
CREATE TABLE key_workspace (
    ws BIGINT NOT NULL,
    version BIGINT NOT NULL,
    wrapped BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (ws, version)
);

-- Roots of the blind indexes: one generation, or two while an index is rebuilt.
CREATE TABLE key_blind (
    ws BIGINT NOT NULL,
    generation BIGINT NOT NULL,
    wrapped BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (ws, generation)
);

-- Keys of the program's own services, by name.
CREATE TABLE key_service (
    ws BIGINT NOT NULL,
    name TEXT NOT NULL,
    wrapped BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    PRIMARY KEY (ws, name)
);

-- One key a person (81 bytes), wrapped by a version of the workspace key, which cannot go while
-- it is in use. A second generation seals what is new; the first stays for what it sealed.
CREATE TABLE key_subject (
    ws BIGINT NOT NULL,
    subject BYTEA NOT NULL,
    generation BIGINT NOT NULL,
    version BIGINT NOT NULL,
    wrapped BYTEA NOT NULL,
    PRIMARY KEY (ws, subject, generation),
    FOREIGN KEY (ws, version) REFERENCES key_workspace (ws, version)
) /*sqlite: WITHOUT ROWID*/;

-- Finds what an old version still wraps.
CREATE INDEX key_subject_version ON key_subject (ws, version, subject);

-- Subjects whose key was destroyed: no key is ever made for them again.
CREATE TABLE key_tombstone (
    ws BIGINT NOT NULL,
    subject BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (ws, subject)
) /*sqlite: WITHOUT ROWID*/;
