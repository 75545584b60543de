-- +goose Up

-- Every report of an engagement with its promise and its forecast, as JSON, for lists: empty where nothing was reckoned yet.
ALTER TABLE engagements ADD COLUMN reports TEXT COLLATE "C" NOT NULL DEFAULT '';
UPDATE engagements SET reports = COALESCE((outlook::json->'last')::text, '') WHERE outlook <> '';
