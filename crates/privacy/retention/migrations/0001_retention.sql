-- Erasures and what is kept of them. Lives in the key store: a line of the journal commits with the
-- destruction of the key it tells of, and data that is brought back from a backup forgets none of it.

-- One row an erasure. `subject` is there until it is done; afterwards the tombstone alone names it.
CREATE TABLE erasure (
    ws BIGINT NOT NULL,
    id BYTEA NOT NULL,
    subject BYTEA,
    state TEXT NOT NULL,
    actor BYTEA NOT NULL,
    begun_at BIGINT NOT NULL,
    erased_at BIGINT,
    request BYTEA,
    log_size BIGINT,
    receipt TEXT,
    done_at BIGINT,
    certificate TEXT,
    PRIMARY KEY (ws, id)
);

-- Keyed fingerprints of those who must not come back unnoticed.
CREATE TABLE suppression (
    ws BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    fingerprint BYTEA NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (ws, kind, fingerprint)
) /*sqlite: WITHOUT ROWID*/;

-- When fingerprints were lifted because there was a fresh basis, and which.
CREATE TABLE suppression_lift (
    ws BIGINT NOT NULL,
    id BYTEA NOT NULL,
    at BIGINT NOT NULL,
    actor BYTEA NOT NULL,
    basis TEXT NOT NULL,
    fingerprints BIGINT NOT NULL,
    PRIMARY KEY (ws, id)
);
