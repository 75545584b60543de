-- +goose Up

-- Every report of an engagement with its promise and its forecast, as JSON, for lists: empty where nothing was reckoned yet.
ALTER TABLE engagements ADD COLUMN reports TEXT NOT NULL DEFAULT '';
UPDATE engagements SET reports = COALESCE(json_extract(outlook, '$.last'), '') WHERE outlook <> '';
