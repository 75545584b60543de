-- +goose Up

-- In whose place somebody did what the record says; empty: in nobody's.
ALTER TABLE events ADD COLUMN for_id TEXT NOT NULL DEFAULT '';
ALTER TABLE firm_events ADD COLUMN for_id TEXT NOT NULL DEFAULT '';
