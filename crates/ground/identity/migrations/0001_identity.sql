-- Who may come in. A user is a record; here is only what opens the door. Every row ends with `mac`,
-- a keyed MAC over the table's name and all its other columns, so that a row changed behind the
-- program's back is refused and found.

-- A password's hash. `epoch` counts how often everything of the user was ended at once.
CREATE TABLE credential (
    ws BIGINT NOT NULL,
    user_id BYTEA NOT NULL,
    phc TEXT,
    epoch BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    mac BYTEA NOT NULL,
    PRIMARY KEY (ws, user_id)
) /*sqlite: WITHOUT ROWID*/;

-- A link that signs in once.
CREATE TABLE one_time_link (
    ws BIGINT NOT NULL,
    token_hash BYTEA NOT NULL,
    user_id BYTEA NOT NULL,
    kind BIGINT NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    used_at BIGINT,
    mac BYTEA NOT NULL,
    PRIMARY KEY (ws, token_hash)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX one_time_link_of_user ON one_time_link (ws, user_id);

-- A session of a browser. The token itself is nowhere but in the cookie.
CREATE TABLE session (
    ws BIGINT NOT NULL,
    token_hash BYTEA NOT NULL,
    user_id BYTEA NOT NULL,
    purpose BIGINT NOT NULL,
    via BIGINT NOT NULL,
    created BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    mac BYTEA NOT NULL,
    PRIMARY KEY (ws, token_hash)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX session_of_user ON session (ws, user_id);

-- A program's way in. `label` is sealed under the key of the user it belongs to.
CREATE TABLE api_token (
    ws BIGINT NOT NULL,
    token_hash BYTEA NOT NULL,
    user_id BYTEA NOT NULL,
    role TEXT NOT NULL,
    purpose BIGINT NOT NULL,
    label BYTEA NOT NULL,
    created BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    last_used BIGINT,
    revoked_at BIGINT,
    mac BYTEA NOT NULL,
    PRIMARY KEY (ws, token_hash)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX api_token_of_user ON api_token (ws, user_id);

-- How often signing in failed: by account and address (1), by account (2), by address (3), each only
-- as a keyed fingerprint.
CREATE TABLE attempt (
    ws BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    fingerprint BYTEA NOT NULL,
    user_id BYTEA,
    failures BIGINT NOT NULL,
    since BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    good_at BIGINT,
    mac BYTEA NOT NULL,
    PRIMARY KEY (ws, kind, fingerprint)
) /*sqlite: WITHOUT ROWID*/;
CREATE INDEX attempt_of_user ON attempt (ws, user_id);
