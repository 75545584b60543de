-- +goose Up

-- Of a message that says when a report is expected: what made it late then, as JSON; empty of all else, and of messages from before.
ALTER TABLE delivery_items ADD COLUMN causes TEXT NOT NULL DEFAULT '';
ALTER TABLE sent_steps ADD COLUMN causes TEXT NOT NULL DEFAULT '';
