-- +goose Up

-- Public holidays on which a firm or a client works all the same.
ALTER TABLE firms ADD COLUMN opened TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE clients ADD COLUMN opened TEXT COLLATE "C" NOT NULL DEFAULT '';
