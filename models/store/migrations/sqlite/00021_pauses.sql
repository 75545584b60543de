-- +goose Up

-- The pauses of an engagement so far, as JSON; of before they were kept there are none.
ALTER TABLE engagements ADD COLUMN pauses TEXT NOT NULL DEFAULT '';
-- The day of the present pause on which people agreed upon a due date; none: they did not in a pause.
ALTER TABLE tasks ADD COLUMN agreed_on TEXT NOT NULL DEFAULT 'none';
