-- +goose Up

-- Every key begins with the firm. Instants are microseconds since 1970 in UTC, 0 for none. Dates are text such as
-- 2026-03-31, 'none' for none: that sorts after every date. Lists and nested values are JSON. *_key columns are what
-- people's words are compared and sorted by: in lower case.

CREATE TABLE firms (
	id         TEXT    NOT NULL PRIMARY KEY,
	name       TEXT    NOT NULL,
	country    TEXT    NOT NULL,
	time_zone  TEXT    NOT NULL,
	closed     TEXT    NOT NULL,
	created_at BIGINT  NOT NULL,
	event_seq  BIGINT  NOT NULL,
	revision   BIGINT  NOT NULL
);

CREATE TABLE clients (
	firm_id    TEXT    NOT NULL REFERENCES firms (id),
	id         TEXT    NOT NULL,
	name       TEXT    NOT NULL,
	name_key   TEXT    NOT NULL,
	headcount  INTEGER NOT NULL,
	country    TEXT    NOT NULL,
	time_zone  TEXT    NOT NULL,
	weekend    TEXT    NOT NULL,
	closed     TEXT    NOT NULL,
	created_at BIGINT  NOT NULL,
	revision   BIGINT  NOT NULL,
	PRIMARY KEY (firm_id, id)
);
CREATE INDEX clients_name ON clients (firm_id, name_key, id);

CREATE TABLE people (
	firm_id    TEXT    NOT NULL REFERENCES firms (id),
	id         TEXT    NOT NULL,
	client_id  TEXT    NOT NULL, -- empty: of the firm, or an auditor
	name       TEXT    NOT NULL,
	name_key   TEXT    NOT NULL,
	email      TEXT    NOT NULL,
	email_key  TEXT    NOT NULL,
	role       TEXT    NOT NULL,
	time_zone  TEXT    NOT NULL,
	active     BOOLEAN NOT NULL,
	created_at BIGINT  NOT NULL,
	revision   BIGINT  NOT NULL,
	PRIMARY KEY (firm_id, id)
);
CREATE UNIQUE INDEX people_email ON people (firm_id, client_id, email_key) WHERE active AND email_key <> '';
CREATE INDEX people_client ON people (firm_id, client_id, id);
CREATE INDEX people_name ON people (firm_id, name_key, id);

CREATE TABLE duties (
	firm_id   TEXT NOT NULL,
	client_id TEXT NOT NULL,
	function  TEXT NOT NULL,
	person_id TEXT NOT NULL,
	backup_id TEXT NOT NULL, -- may be empty
	PRIMARY KEY (firm_id, client_id, function),
	FOREIGN KEY (firm_id, client_id) REFERENCES clients (firm_id, id),
	FOREIGN KEY (firm_id, person_id) REFERENCES people (firm_id, id)
);

CREATE TABLE tokens (
	firm_id    TEXT    NOT NULL,
	id         TEXT    NOT NULL,
	person_id  TEXT    NOT NULL,
	label      TEXT    NOT NULL,
	hash       TEXT    NOT NULL, -- of the secret, which is nowhere
	created_at BIGINT  NOT NULL,
	expires_at BIGINT  NOT NULL, -- 0: never
	used_at    BIGINT  NOT NULL, -- to the minute
	revoked_at BIGINT  NOT NULL,
	PRIMARY KEY (firm_id, id),
	FOREIGN KEY (firm_id, person_id) REFERENCES people (firm_id, id)
);
CREATE UNIQUE INDEX tokens_firm_hash ON tokens (firm_id, hash);
CREATE INDEX tokens_hash ON tokens (hash);
CREATE INDEX tokens_person ON tokens (firm_id, person_id, id);

-- What has been asked for under an idempotency key, and what was answered.
CREATE TABLE requests (
	firm_id       TEXT   NOT NULL REFERENCES firms (id),
	actor         TEXT   NOT NULL,
	key           TEXT   NOT NULL,
	hash          TEXT   NOT NULL,
	engagement_id TEXT   NOT NULL, -- empty: about the firm
	result        TEXT   NOT NULL,
	at            BIGINT NOT NULL,
	PRIMARY KEY (firm_id, actor, key)
);
CREATE INDEX requests_at ON requests (at);

CREATE TABLE firm_events (
	firm_id    TEXT   NOT NULL REFERENCES firms (id),
	seq        BIGINT NOT NULL, -- from 1, without holes
	at         BIGINT NOT NULL,
	actor      TEXT   NOT NULL,
	kind       TEXT   NOT NULL,
	subject    TEXT   NOT NULL,
	field      TEXT   NOT NULL,
	from_value TEXT   NOT NULL,
	to_value   TEXT   NOT NULL,
	reason     TEXT   NOT NULL,
	key        TEXT   NOT NULL,
	PRIMARY KEY (firm_id, seq)
);

CREATE TABLE engagements (
	firm_id        TEXT    NOT NULL,
	id             TEXT    NOT NULL,
	client_id      TEXT    NOT NULL,
	name           TEXT    NOT NULL,
	name_key       TEXT    NOT NULL,
	type           TEXT    NOT NULL,
	categories     TEXT    NOT NULL,
	addons         TEXT    NOT NULL,
	headcount      INTEGER NOT NULL,
	time_zone      TEXT    NOT NULL,
	status         TEXT    NOT NULL,
	kickoff        TEXT    NOT NULL,
	as_of          TEXT    NOT NULL,
	window_open    TEXT    NOT NULL,
	window_months  INTEGER NOT NULL,
	previous_close TEXT    NOT NULL,
	target         TEXT    NOT NULL,
	partner        TEXT    NOT NULL,
	manager        TEXT    NOT NULL,
	auditor        TEXT    NOT NULL,
	consultants    TEXT    NOT NULL,
	baseline       TEXT    NOT NULL,
	pace           TEXT    NOT NULL,
	health         TEXT    NOT NULL,
	health_rank    INTEGER NOT NULL, -- 0 none, 1 on track, 2 at risk, 3 late: what health is sorted by
	forecast       TEXT    NOT NULL,
	cautious       TEXT    NOT NULL,
	percent        INTEGER NOT NULL,
	open_tasks     INTEGER NOT NULL,
	overdue        INTEGER NOT NULL,
	reason         TEXT    NOT NULL,
	phases         TEXT    NOT NULL,
	next_due       TEXT    NOT NULL,
	wake           BIGINT  NOT NULL,
	paused_on      TEXT    NOT NULL,
	started_at     BIGINT  NOT NULL,
	ended_at       BIGINT  NOT NULL,
	created_at     BIGINT  NOT NULL,
	added          INTEGER NOT NULL,
	decided        INTEGER NOT NULL,
	event_seq      BIGINT  NOT NULL,
	comment_seq    BIGINT  NOT NULL,
	stamp          TEXT    NOT NULL, -- another one after every change: whoever changes rows by hand writes '' here
	revision       BIGINT  NOT NULL,
	PRIMARY KEY (firm_id, id),
	FOREIGN KEY (firm_id, client_id) REFERENCES clients (firm_id, id)
);
CREATE INDEX engagements_client ON engagements (firm_id, client_id, id);
CREATE INDEX engagements_name ON engagements (firm_id, name_key, id);
CREATE INDEX engagements_health ON engagements (firm_id, health_rank, id);
CREATE INDEX engagements_forecast ON engagements (firm_id, forecast, id);
CREATE INDEX engagements_next_due ON engagements (firm_id, next_due, id);
CREATE INDEX engagements_kickoff ON engagements (firm_id, kickoff, id);
CREATE INDEX engagements_live ON engagements (firm_id, id) WHERE status IN ('running', 'paused');
CREATE INDEX engagements_wake ON engagements (wake) WHERE status IN ('running', 'paused') AND wake > 0;

-- Who takes part in an engagement on the firm's and the auditor's side, so that "mine" is an index.
CREATE TABLE engagement_members (
	firm_id       TEXT NOT NULL,
	person_id     TEXT NOT NULL,
	engagement_id TEXT NOT NULL,
	role          TEXT NOT NULL,
	PRIMARY KEY (firm_id, person_id, engagement_id, role),
	FOREIGN KEY (firm_id, engagement_id) REFERENCES engagements (firm_id, id)
);
CREATE INDEX engagement_members_engagement ON engagement_members (firm_id, engagement_id);

CREATE TABLE phases (
	firm_id       TEXT    NOT NULL,
	engagement_id TEXT    NOT NULL,
	phase         TEXT    NOT NULL,
	position      INTEGER NOT NULL,
	standing      TEXT    NOT NULL,
	round         INTEGER NOT NULL,
	entered       TEXT    NOT NULL,
	left_on       TEXT    NOT NULL,
	began         TEXT    NOT NULL,
	through       TEXT    NOT NULL,
	plan_from     TEXT    NOT NULL,
	plan_to       TEXT    NOT NULL,
	tasks         INTEGER NOT NULL,
	closed        INTEGER NOT NULL,
	PRIMARY KEY (firm_id, engagement_id, phase),
	FOREIGN KEY (firm_id, engagement_id) REFERENCES engagements (firm_id, id)
);
CREATE INDEX phases_active ON phases (firm_id, phase, engagement_id) WHERE standing = 'active';

CREATE TABLE gates (
	firm_id       TEXT    NOT NULL,
	engagement_id TEXT    NOT NULL,
	id            TEXT    NOT NULL,
	round         INTEGER NOT NULL, -- earlier rounds stay, as they were signed
	phase         TEXT    NOT NULL,
	approver      TEXT    NOT NULL,
	blocking      BOOLEAN NOT NULL,
	state         TEXT    NOT NULL,
	by_id         TEXT    NOT NULL,
	at            BIGINT  NOT NULL,
	reason        TEXT    NOT NULL,
	PRIMARY KEY (firm_id, engagement_id, id, round),
	FOREIGN KEY (firm_id, engagement_id) REFERENCES engagements (firm_id, id)
);

CREATE TABLE tasks (
	firm_id       TEXT    NOT NULL,
	engagement_id TEXT    NOT NULL,
	id            TEXT    NOT NULL,
	template      TEXT    NOT NULL,
	subject       TEXT    NOT NULL,
	phase         TEXT    NOT NULL,
	title         TEXT    NOT NULL,
	state         TEXT    NOT NULL,
	gate          BOOLEAN NOT NULL,
	owner_role    TEXT    NOT NULL,
	owner         TEXT    NOT NULL,
	backup        TEXT    NOT NULL,
	approver_role TEXT    NOT NULL,
	approver      TEXT    NOT NULL,
	after_ids     TEXT    NOT NULL,
	anchor        TEXT    NOT NULL,
	due           TEXT    NOT NULL,
	original_due  TEXT    NOT NULL,
	moved         BOOLEAN NOT NULL,
	period_from   TEXT    NOT NULL,
	period_to     TEXT    NOT NULL,
	minutes       INTEGER NOT NULL,
	blocked_by    TEXT    NOT NULL,
	reason        TEXT    NOT NULL,
	late          BOOLEAN NOT NULL,
	opened_on     TEXT    NOT NULL,
	done_by       TEXT    NOT NULL,
	done_at       BIGINT  NOT NULL,
	round         INTEGER NOT NULL,
	PRIMARY KEY (firm_id, engagement_id, id),
	FOREIGN KEY (firm_id, engagement_id) REFERENCES engagements (firm_id, id)
);
CREATE INDEX tasks_list ON tasks (firm_id, engagement_id, due, id);
CREATE INDEX tasks_open ON tasks (firm_id, engagement_id, id) WHERE state = 'waiting' OR state = 'open' OR state = 'submitted' OR state = 'blocked';
CREATE INDEX tasks_owner ON tasks (firm_id, owner, due) WHERE state = 'waiting' OR state = 'open' OR state = 'submitted' OR state = 'blocked';
CREATE INDEX tasks_approver ON tasks (firm_id, approver, due) WHERE state = 'submitted';

CREATE TABLE decisions (
	firm_id       TEXT   NOT NULL,
	engagement_id TEXT   NOT NULL,
	id            TEXT   NOT NULL,
	kind          TEXT   NOT NULL,
	rule          TEXT   NOT NULL,
	change        TEXT   NOT NULL,
	reason        TEXT   NOT NULL,
	proposed_by   TEXT   NOT NULL,
	proposed_at   BIGINT NOT NULL,
	needs         TEXT   NOT NULL,
	approvals     TEXT   NOT NULL,
	state         TEXT   NOT NULL,
	closed_at     BIGINT NOT NULL,
	PRIMARY KEY (firm_id, engagement_id, id),
	FOREIGN KEY (firm_id, engagement_id) REFERENCES engagements (firm_id, id)
);

CREATE TABLE comments (
	firm_id       TEXT   NOT NULL,
	engagement_id TEXT   NOT NULL,
	seq           BIGINT NOT NULL, -- from 1, without holes
	task_id       TEXT   NOT NULL,
	at            BIGINT NOT NULL,
	by_id         TEXT   NOT NULL,
	text          TEXT   NOT NULL,
	PRIMARY KEY (firm_id, engagement_id, seq),
	FOREIGN KEY (firm_id, engagement_id) REFERENCES engagements (firm_id, id)
);
CREATE INDEX comments_task ON comments (firm_id, engagement_id, task_id, seq);

CREATE TABLE events (
	firm_id       TEXT   NOT NULL,
	engagement_id TEXT   NOT NULL,
	seq           BIGINT NOT NULL, -- from 1, without holes
	at            BIGINT NOT NULL,
	actor         TEXT   NOT NULL,
	kind          TEXT   NOT NULL,
	subject       TEXT   NOT NULL,
	field         TEXT   NOT NULL,
	from_value    TEXT   NOT NULL,
	to_value      TEXT   NOT NULL,
	reason        TEXT   NOT NULL,
	key           TEXT   NOT NULL,
	PRIMARY KEY (firm_id, engagement_id, seq),
	FOREIGN KEY (firm_id, engagement_id) REFERENCES engagements (firm_id, id)
);
CREATE INDEX events_subject ON events (firm_id, engagement_id, subject, seq);

-- The record is only ever added to.

-- +goose StatementBegin
CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER firm_events_no_update BEFORE UPDATE ON firm_events BEGIN SELECT RAISE(ABORT, 'firm_events are only ever added'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER firm_events_no_delete BEFORE DELETE ON firm_events BEGIN SELECT RAISE(ABORT, 'firm_events are only ever added'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER comments_no_update BEFORE UPDATE ON comments BEGIN SELECT RAISE(ABORT, 'comments are only ever added'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER comments_no_delete BEFORE DELETE ON comments BEGIN SELECT RAISE(ABORT, 'comments are only ever added'); END;
-- +goose StatementEnd
