-- +goose Up

-- Who refused or withdrew a decision, and why; both empty: it is pending or in force, or it came to an end by itself.
ALTER TABLE decisions ADD COLUMN closed_by TEXT NOT NULL DEFAULT '';
ALTER TABLE decisions ADD COLUMN closed_why TEXT NOT NULL DEFAULT '';

-- How a cancelled engagement stood, by which it can be reinstated; empty: it is not cancelled.
ALTER TABLE engagements ADD COLUMN undo TEXT NOT NULL DEFAULT '';
