-- +goose Up

-- A recurring control is performed by one day, and its evidence sent by another.
ALTER TABLE tasks ADD COLUMN perform_by TEXT NOT NULL DEFAULT 'none';
ALTER TABLE tasks ADD COLUMN send_by TEXT NOT NULL DEFAULT 'none';
ALTER TABLE tasks ADD COLUMN performed_on TEXT NOT NULL DEFAULT 'none';
ALTER TABLE tasks ADD COLUMN missed BOOLEAN NOT NULL DEFAULT FALSE;
