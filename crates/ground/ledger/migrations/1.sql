CREATE TABLE leaf (
  ws BIGINT NOT NULL, seq BIGINT NOT NULL, body BYTEA NOT NULL, detail BYTEA,
  PRIMARY KEY (ws, seq)
) /*sqlite: WITHOUT ROWID*/;

CREATE TABLE leaf_subject (
  ws BIGINT NOT NULL, subject BYTEA NOT NULL, seq BIGINT NOT NULL,
  PRIMARY KEY (ws, subject, seq)
) /*sqlite: WITHOUT ROWID*/;

CREATE TABLE leaf_row (
  ws BIGINT NOT NULL, row_id BYTEA NOT NULL, seq BIGINT NOT NULL, ciphertexts BYTEA NOT NULL,
  PRIMARY KEY (ws, row_id, seq)
) /*sqlite: WITHOUT ROWID*/;

CREATE TABLE ledger_head (
  ws BIGINT NOT NULL, size BIGINT NOT NULL, time_ms BIGINT NOT NULL, frontier BYTEA NOT NULL,
  PRIMARY KEY (ws)
);

CREATE TABLE ledger_node (
  ws BIGINT NOT NULL, level BIGINT NOT NULL, idx BIGINT NOT NULL, hash BYTEA NOT NULL,
  PRIMARY KEY (ws, level, idx)
) /*sqlite: WITHOUT ROWID*/;

CREATE TABLE checkpoint (
  ws BIGINT NOT NULL, size BIGINT NOT NULL, note TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (ws, size)
);

-- Filled on PostgreSQL only, where `pos` counts up across all sessions; on SQLite the type is an
-- unknown word and the table stays empty.
CREATE TABLE log_pending (
  ws BIGINT NOT NULL, pos BIGSERIAL NOT NULL, body BYTEA NOT NULL,
  row_id BYTEA, ciphertexts BYTEA, detail BYTEA, subjects BYTEA NOT NULL,
  PRIMARY KEY (ws, pos)
);
