-- +goose Up

-- Every key begins with the firm. Instants are microseconds since 1970 in UTC, 0 for none. Dates are text such as
-- 2026-03-31, 'none' for none: that sorts after every date. Lists and nested values are JSON. *_key columns are what
-- people's words are compared and sorted by: in lower case.

CREATE TABLE firms (
	id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
	name       TEXT COLLATE "C" NOT NULL,
	country    TEXT COLLATE "C" NOT NULL,
	time_zone  TEXT COLLATE "C" NOT NULL,
	closed     TEXT COLLATE "C" NOT NULL,
	created_at BIGINT  NOT NULL,
	event_seq  BIGINT  NOT NULL,
	revision   BIGINT  NOT NULL
);

CREATE TABLE clients (
	firm_id    TEXT COLLATE "C" NOT NULL REFERENCES firms (id),
	id         TEXT COLLATE "C" NOT NULL,
	name       TEXT COLLATE "C" NOT NULL,
	name_key   TEXT COLLATE "C" NOT NULL,
	headcount  INTEGER NOT NULL,
	country    TEXT COLLATE "C" NOT NULL,
	time_zone  TEXT COLLATE "C" NOT NULL,
	weekend    TEXT COLLATE "C" NOT NULL,
	closed     TEXT COLLATE "C" NOT NULL,
	created_at BIGINT  NOT NULL,
	revision   BIGINT  NOT NULL,
	PRIMARY KEY (firm_id, id)
);
CREATE INDEX clients_name ON clients (firm_id, name_key, id);

CREATE TABLE people (
	firm_id    TEXT COLLATE "C" NOT NULL REFERENCES firms (id),
	id         TEXT COLLATE "C" NOT NULL,
	client_id  TEXT COLLATE "C" NOT NULL, -- empty: of the firm, or an auditor
	name       TEXT COLLATE "C" NOT NULL,
	name_key   TEXT COLLATE "C" NOT NULL,
	email      TEXT COLLATE "C" NOT NULL,
	email_key  TEXT COLLATE "C" NOT NULL,
	role       TEXT COLLATE "C" NOT NULL,
	time_zone  TEXT COLLATE "C" NOT NULL,
	active     BOOLEAN NOT NULL,
	created_at BIGINT  NOT NULL,
	revision   BIGINT  NOT NULL,
	PRIMARY KEY (firm_id, id)
);
CREATE UNIQUE INDEX people_email ON people (firm_id, client_id, email_key) WHERE active AND email_key <> '';
CREATE INDEX people_client ON people (firm_id, client_id, id);
CREATE INDEX people_name ON people (firm_id, name_key, id);

CREATE TABLE duties (
	firm_id   TEXT COLLATE "C" NOT NULL,
	client_id TEXT COLLATE "C" NOT NULL,
	function  TEXT COLLATE "C" NOT NULL,
	person_id TEXT COLLATE "C" NOT NULL,
	backup_id TEXT COLLATE "C" NOT NULL, -- may be empty
	PRIMARY KEY (firm_id, client_id, function),
	FOREIGN KEY (firm_id, client_id) REFERENCES clients (firm_id, id),
	FOREIGN KEY (firm_id, person_id) REFERENCES people (firm_id, id)
);

CREATE TABLE tokens (
	firm_id    TEXT COLLATE "C" NOT NULL,
	id         TEXT COLLATE "C" NOT NULL,
	person_id  TEXT COLLATE "C" NOT NULL,
	label      TEXT COLLATE "C" NOT NULL,
	hash       TEXT COLLATE "C" NOT NULL, -- of the secret, which is nowhere
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
	firm_id       TEXT COLLATE "C" NOT NULL REFERENCES firms (id),
	actor         TEXT COLLATE "C" NOT NULL,
	key           TEXT COLLATE "C" NOT NULL,
	hash          TEXT COLLATE "C" NOT NULL,
	engagement_id TEXT COLLATE "C" NOT NULL, -- empty: about the firm
	result        TEXT COLLATE "C" NOT NULL,
	at            BIGINT NOT NULL,
	PRIMARY KEY (firm_id, actor, key)
);
CREATE INDEX requests_at ON requests (at);

CREATE TABLE firm_events (
	firm_id    TEXT COLLATE "C" NOT NULL REFERENCES firms (id),
	seq        BIGINT NOT NULL, -- from 1, without holes
	at         BIGINT NOT NULL,
	actor      TEXT COLLATE "C" NOT NULL,
	kind       TEXT COLLATE "C" NOT NULL,
	subject    TEXT COLLATE "C" NOT NULL,
	field      TEXT COLLATE "C" NOT NULL,
	from_value TEXT COLLATE "C" NOT NULL,
	to_value   TEXT COLLATE "C" NOT NULL,
	reason     TEXT COLLATE "C" NOT NULL,
	key        TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (firm_id, seq)
);

CREATE TABLE engagements (
	firm_id        TEXT COLLATE "C" NOT NULL,
	id             TEXT COLLATE "C" NOT NULL,
	client_id      TEXT COLLATE "C" NOT NULL,
	name           TEXT COLLATE "C" NOT NULL,
	name_key       TEXT COLLATE "C" NOT NULL,
	type           TEXT COLLATE "C" NOT NULL,
	categories     TEXT COLLATE "C" NOT NULL,
	addons         TEXT COLLATE "C" NOT NULL,
	headcount      INTEGER NOT NULL,
	time_zone      TEXT COLLATE "C" NOT NULL,
	status         TEXT COLLATE "C" NOT NULL,
	kickoff        TEXT COLLATE "C" NOT NULL,
	as_of          TEXT COLLATE "C" NOT NULL,
	window_open    TEXT COLLATE "C" NOT NULL,
	window_months  INTEGER NOT NULL,
	previous_close TEXT COLLATE "C" NOT NULL,
	target         TEXT COLLATE "C" NOT NULL,
	partner        TEXT COLLATE "C" NOT NULL,
	manager        TEXT COLLATE "C" NOT NULL,
	auditor        TEXT COLLATE "C" NOT NULL,
	consultants    TEXT COLLATE "C" NOT NULL,
	baseline       TEXT COLLATE "C" NOT NULL,
	pace           TEXT COLLATE "C" NOT NULL,
	health         TEXT COLLATE "C" NOT NULL,
	health_rank    INTEGER NOT NULL, -- 0 none, 1 on track, 2 at risk, 3 late: what health is sorted by
	forecast       TEXT COLLATE "C" NOT NULL,
	cautious       TEXT COLLATE "C" NOT NULL,
	percent        INTEGER NOT NULL,
	open_tasks     INTEGER NOT NULL,
	overdue        INTEGER NOT NULL,
	reason         TEXT COLLATE "C" NOT NULL,
	phases         TEXT COLLATE "C" NOT NULL,
	next_due       TEXT COLLATE "C" NOT NULL,
	wake           BIGINT  NOT NULL,
	paused_on      TEXT COLLATE "C" NOT NULL,
	started_at     BIGINT  NOT NULL,
	ended_at       BIGINT  NOT NULL,
	created_at     BIGINT  NOT NULL,
	added          INTEGER NOT NULL,
	decided        INTEGER NOT NULL,
	event_seq      BIGINT  NOT NULL,
	comment_seq    BIGINT  NOT NULL,
	stamp          TEXT COLLATE "C" NOT NULL, -- another one after every change: whoever changes rows by hand writes '' here
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
	firm_id       TEXT COLLATE "C" NOT NULL,
	person_id     TEXT COLLATE "C" NOT NULL,
	engagement_id TEXT COLLATE "C" NOT NULL,
	role          TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (firm_id, person_id, engagement_id, role),
	FOREIGN KEY (firm_id, engagement_id) REFERENCES engagements (firm_id, id)
);
CREATE INDEX engagement_members_engagement ON engagement_members (firm_id, engagement_id);

CREATE TABLE phases (
	firm_id       TEXT COLLATE "C" NOT NULL,
	engagement_id TEXT COLLATE "C" NOT NULL,
	phase         TEXT COLLATE "C" NOT NULL,
	position      INTEGER NOT NULL,
	standing      TEXT COLLATE "C" NOT NULL,
	round         INTEGER NOT NULL,
	entered       TEXT COLLATE "C" NOT NULL,
	left_on       TEXT COLLATE "C" NOT NULL,
	began         TEXT COLLATE "C" NOT NULL,
	through       TEXT COLLATE "C" NOT NULL,
	plan_from     TEXT COLLATE "C" NOT NULL,
	plan_to       TEXT COLLATE "C" NOT NULL,
	tasks         INTEGER NOT NULL,
	closed        INTEGER NOT NULL,
	PRIMARY KEY (firm_id, engagement_id, phase),
	FOREIGN KEY (firm_id, engagement_id) REFERENCES engagements (firm_id, id)
);
CREATE INDEX phases_active ON phases (firm_id, phase, engagement_id) WHERE standing = 'active';

CREATE TABLE gates (
	firm_id       TEXT COLLATE "C" NOT NULL,
	engagement_id TEXT COLLATE "C" NOT NULL,
	id            TEXT COLLATE "C" NOT NULL,
	round         INTEGER NOT NULL, -- earlier rounds stay, as they were signed
	phase         TEXT COLLATE "C" NOT NULL,
	approver      TEXT COLLATE "C" NOT NULL,
	blocking      BOOLEAN NOT NULL,
	state         TEXT COLLATE "C" NOT NULL,
	by_id         TEXT COLLATE "C" NOT NULL,
	at            BIGINT  NOT NULL,
	reason        TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (firm_id, engagement_id, id, round),
	FOREIGN KEY (firm_id, engagement_id) REFERENCES engagements (firm_id, id)
);

CREATE TABLE tasks (
	firm_id       TEXT COLLATE "C" NOT NULL,
	engagement_id TEXT COLLATE "C" NOT NULL,
	id            TEXT COLLATE "C" NOT NULL,
	template      TEXT COLLATE "C" NOT NULL,
	subject       TEXT COLLATE "C" NOT NULL,
	phase         TEXT COLLATE "C" NOT NULL,
	title         TEXT COLLATE "C" NOT NULL,
	state         TEXT COLLATE "C" NOT NULL,
	gate          BOOLEAN NOT NULL,
	owner_role    TEXT COLLATE "C" NOT NULL,
	owner         TEXT COLLATE "C" NOT NULL,
	backup        TEXT COLLATE "C" NOT NULL,
	approver_role TEXT COLLATE "C" NOT NULL,
	approver      TEXT COLLATE "C" NOT NULL,
	after_ids     TEXT COLLATE "C" NOT NULL,
	anchor        TEXT COLLATE "C" NOT NULL,
	due           TEXT COLLATE "C" NOT NULL,
	original_due  TEXT COLLATE "C" NOT NULL,
	moved         BOOLEAN NOT NULL,
	period_from   TEXT COLLATE "C" NOT NULL,
	period_to     TEXT COLLATE "C" NOT NULL,
	minutes       INTEGER NOT NULL,
	blocked_by    TEXT COLLATE "C" NOT NULL,
	reason        TEXT COLLATE "C" NOT NULL,
	late          BOOLEAN NOT NULL,
	opened_on     TEXT COLLATE "C" NOT NULL,
	done_by       TEXT COLLATE "C" NOT NULL,
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
	firm_id       TEXT COLLATE "C" NOT NULL,
	engagement_id TEXT COLLATE "C" NOT NULL,
	id            TEXT COLLATE "C" NOT NULL,
	kind          TEXT COLLATE "C" NOT NULL,
	rule          TEXT COLLATE "C" NOT NULL,
	change        TEXT COLLATE "C" NOT NULL,
	reason        TEXT COLLATE "C" NOT NULL,
	proposed_by   TEXT COLLATE "C" NOT NULL,
	proposed_at   BIGINT NOT NULL,
	needs         TEXT COLLATE "C" NOT NULL,
	approvals     TEXT COLLATE "C" NOT NULL,
	state         TEXT COLLATE "C" NOT NULL,
	closed_at     BIGINT NOT NULL,
	PRIMARY KEY (firm_id, engagement_id, id),
	FOREIGN KEY (firm_id, engagement_id) REFERENCES engagements (firm_id, id)
);

CREATE TABLE comments (
	firm_id       TEXT COLLATE "C" NOT NULL,
	engagement_id TEXT COLLATE "C" NOT NULL,
	seq           BIGINT NOT NULL, -- from 1, without holes
	task_id       TEXT COLLATE "C" NOT NULL,
	at            BIGINT NOT NULL,
	by_id         TEXT COLLATE "C" NOT NULL,
	text          TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (firm_id, engagement_id, seq),
	FOREIGN KEY (firm_id, engagement_id) REFERENCES engagements (firm_id, id)
);
CREATE INDEX comments_task ON comments (firm_id, engagement_id, task_id, seq);

CREATE TABLE events (
	firm_id       TEXT COLLATE "C" NOT NULL,
	engagement_id TEXT COLLATE "C" NOT NULL,
	seq           BIGINT NOT NULL, -- from 1, without holes
	at            BIGINT NOT NULL,
	actor         TEXT COLLATE "C" NOT NULL,
	kind          TEXT COLLATE "C" NOT NULL,
	subject       TEXT COLLATE "C" NOT NULL,
	field         TEXT COLLATE "C" NOT NULL,
	from_value    TEXT COLLATE "C" NOT NULL,
	to_value      TEXT COLLATE "C" NOT NULL,
	reason        TEXT COLLATE "C" NOT NULL,
	key           TEXT COLLATE "C" NOT NULL,
	PRIMARY KEY (firm_id, engagement_id, seq),
	FOREIGN KEY (firm_id, engagement_id) REFERENCES engagements (firm_id, id)
);
CREATE INDEX events_subject ON events (firm_id, engagement_id, subject, seq);

-- The record is only ever added to.

-- +goose StatementBegin
CREATE FUNCTION tickmark_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION '% are only ever added', TG_TABLE_NAME;
END
$$;
-- +goose StatementEnd

CREATE TRIGGER events_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON events EXECUTE FUNCTION tickmark_only_added();
CREATE TRIGGER firm_events_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON firm_events EXECUTE FUNCTION tickmark_only_added();
CREATE TRIGGER comments_only_added BEFORE UPDATE OR DELETE OR TRUNCATE ON comments EXECUTE FUNCTION tickmark_only_added();
