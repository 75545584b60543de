-- +goose Up

-- An invitation is a link that binds somebody: who made it is kept, and the row stays when it is used or too old. Empty of all others.
ALTER TABLE tokens ADD COLUMN made_by TEXT COLLATE "C" NOT NULL DEFAULT '';
