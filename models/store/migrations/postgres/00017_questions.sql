-- +goose Up

-- What somebody asked somebody about a task. It is open until it is answered or withdrawn, whatever becomes of the task.
CREATE TABLE questions (
	firm_id       TEXT COLLATE "C" NOT NULL,
	engagement_id TEXT COLLATE "C" NOT NULL,
	id            TEXT COLLATE "C" NOT NULL, -- Q-1, Q-2, …
	task_id       TEXT COLLATE "C" NOT NULL,
	title         TEXT COLLATE "C" NOT NULL, -- of the task
	by_id         TEXT COLLATE "C" NOT NULL, -- who asked
	to_id         TEXT COLLATE "C" NOT NULL, -- who is asked
	text          TEXT COLLATE "C" NOT NULL,
	asked_at      BIGINT NOT NULL,
	open_at       BIGINT NOT NULL, -- since when it is open: later than asked_at where an answer was taken back
	internal      BOOLEAN NOT NULL,
	state         TEXT COLLATE "C" NOT NULL, -- open, answered, withdrawn
	answer        TEXT COLLATE "C" NOT NULL, -- of a withdrawn one why
	closed_by     TEXT COLLATE "C" NOT NULL,
	closed_at     BIGINT NOT NULL,
	PRIMARY KEY (firm_id, engagement_id, id),
	FOREIGN KEY (firm_id, engagement_id) REFERENCES engagements (firm_id, id)
);

-- How many questions were asked so far: the next is one more.
ALTER TABLE engagements ADD COLUMN asked INTEGER NOT NULL DEFAULT 0;

-- When something that somebody typed to the app of a workspace last came from there; 0: never.
ALTER TABLE workspaces ADD COLUMN typed_at BIGINT NOT NULL DEFAULT 0;
