-- +goose Up

-- What Slack said once and is asked again: that an account cannot be written to, or cannot be looked up, and, where person_id is empty, that
-- the app's token is good for nothing.
CREATE TABLE doubts (
	firm_id      TEXT NOT NULL,
	workspace_id TEXT NOT NULL,
	person_id    TEXT NOT NULL,
	reason       TEXT NOT NULL,
	was          TEXT NOT NULL, -- what a binding that is dead was before; empty where none is dead
	tries        INTEGER NOT NULL, -- how often Slack has said so
	next_at      BIGINT NOT NULL, -- when it is asked, by the clock of the database
	PRIMARY KEY (firm_id, workspace_id, person_id),
	FOREIGN KEY (firm_id, workspace_id) REFERENCES workspaces (firm_id, id)
);
CREATE INDEX doubts_next ON doubts (next_at);

-- What was given up for good is asked again. Nobody knows of those who are dead whether they had confirmed their account: they are asked.
INSERT INTO doubts SELECT firm_id, id, '', reason, '', 3, 0 FROM workspaces WHERE state = 'disconnected';
INSERT INTO doubts SELECT firm_id, workspace_id, person_id, 'it cannot be written to', 'asked', 1, 0 FROM bindings WHERE state = 'dead';
