-- +goose Up

-- When the plan has a task due, and how many business days it gives it; none and 0: not known of tasks from before.
ALTER TABLE tasks ADD COLUMN planned TEXT NOT NULL DEFAULT 'none';
ALTER TABLE tasks ADD COLUMN span INTEGER NOT NULL DEFAULT 0;
