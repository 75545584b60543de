-- +goose Up

-- The catalogs with which engagements were started: a later catalog does not change them.
CREATE TABLE catalogs (
	firm_id TEXT COLLATE "C" NOT NULL REFERENCES firms (id),
	version TEXT COLLATE "C" NOT NULL,
	source  BYTEA NOT NULL,
	PRIMARY KEY (firm_id, version)
);

ALTER TABLE engagements ADD COLUMN catalog TEXT COLLATE "C" NOT NULL DEFAULT '';
