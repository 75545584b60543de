-- +goose Up

-- The processes that use this database, each with its last sign of life by the database's clock, and what does not work in it.
CREATE TABLE processes (
	id TEXT NOT NULL PRIMARY KEY,
	serves BOOLEAN NOT NULL,
	carries BOOLEAN NOT NULL,
	missing TEXT NOT NULL,
	seen BIGINT NOT NULL
);

-- What processes write to find out whether they can.
CREATE TABLE probes (
	id TEXT NOT NULL,
	n BIGINT NOT NULL,
	pad BYTEA NOT NULL,
	at BIGINT NOT NULL,
	PRIMARY KEY (id, n)
);
