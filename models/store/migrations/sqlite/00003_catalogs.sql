-- +goose Up

-- The catalogs with which engagements were started: a later catalog does not change them.
CREATE TABLE catalogs (
	firm_id TEXT NOT NULL REFERENCES firms (id),
	version TEXT NOT NULL,
	source  BLOB NOT NULL,
	PRIMARY KEY (firm_id, version)
);

ALTER TABLE engagements ADD COLUMN catalog TEXT NOT NULL DEFAULT '';
