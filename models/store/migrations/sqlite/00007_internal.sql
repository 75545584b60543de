-- +goose Up

-- What only the firm's people read. Everything that was said before was shared, and stays so.
ALTER TABLE comments ADD COLUMN internal BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE events ADD COLUMN internal BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE firm_events ADD COLUMN internal BOOLEAN NOT NULL DEFAULT FALSE;
