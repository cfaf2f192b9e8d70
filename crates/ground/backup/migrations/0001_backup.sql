-- The backups this installation knows of, so that an erasure can take a key out of their key files.
-- Lives in the key store: data that is brought back from a backup must not forget later backups.
CREATE TABLE key_backup (
    ws BIGINT NOT NULL,
    id BYTEA NOT NULL,
    made_at BIGINT NOT NULL,
    keys_path TEXT NOT NULL,
    is_written BIGINT NOT NULL,
    PRIMARY KEY (ws, id)
);
