-- +goose Up

-- The days of a person's own: on which they do not work, and on which they work although they are off at their company or where they live.
ALTER TABLE people ADD COLUMN closed TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN opened TEXT NOT NULL DEFAULT '';
