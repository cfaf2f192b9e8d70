-- Each row of these two tables bears a keyed MAC over its other columns.
ALTER TABLE history ADD COLUMN mac BYTEA;
ALTER TABLE idempotency ADD COLUMN mac BYTEA;
