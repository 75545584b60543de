-- +goose Up

-- Which engagement one was made like, or renews; empty: none.
ALTER TABLE engagements ADD COLUMN predecessor TEXT NOT NULL DEFAULT '';
