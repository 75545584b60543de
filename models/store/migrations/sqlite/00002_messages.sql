-- +goose Up

-- What is said to whom, and what became of it. Instants of an engagement are engagement time; those of sending (*_since, next_try,
-- not_before, lease) are the database's own clock, since what they wait for are other machines.

ALTER TABLE tasks ADD COLUMN blocked_on TEXT NOT NULL DEFAULT 'none';
ALTER TABLE tasks ADD COLUMN snoozed TEXT NOT NULL DEFAULT 'none';
ALTER TABLE tasks ADD COLUMN snoozes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tasks ADD COLUMN extended INTEGER NOT NULL DEFAULT 0;
ALTER TABLE engagements ADD COLUMN muted BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE comments ADD COLUMN to_id TEXT NOT NULL DEFAULT '';

-- How a firm has its messages; a firm without a row has them as the catalog has. Times of day are minutes, 0 for the catalog's.
CREATE TABLE messaging (
	firm_id        TEXT NOT NULL PRIMARY KEY REFERENCES firms (id),
	paused         BOOLEAN NOT NULL,
	paused_by      TEXT NOT NULL,
	paused_at      BIGINT NOT NULL,
	paused_reason  TEXT NOT NULL,
	clients_at     INTEGER NOT NULL,
	team_at        INTEGER NOT NULL,
	quiet_from     INTEGER NOT NULL,
	quiet_to       INTEGER NOT NULL,
	weekly_budget  INTEGER NOT NULL,
	bundle_minutes INTEGER NOT NULL,
	workspace_id   TEXT NOT NULL, -- of the weekly portfolio; empty: none
	channel        TEXT NOT NULL,
	revision       BIGINT NOT NULL
);

CREATE TABLE preferences (
	firm_id   TEXT NOT NULL,
	person_id TEXT NOT NULL,
	digest_at INTEGER NOT NULL,
	channel   TEXT NOT NULL,
	country   TEXT NOT NULL,
	summary   BOOLEAN NOT NULL,
	mail_off  BOOLEAN NOT NULL,
	revision  BIGINT NOT NULL,
	PRIMARY KEY (firm_id, person_id),
	FOREIGN KEY (firm_id, person_id) REFERENCES people (firm_id, id)
);

CREATE TABLE absences (
	firm_id   TEXT NOT NULL,
	id        TEXT NOT NULL,
	person_id TEXT NOT NULL,
	from_day  TEXT NOT NULL,
	to_day    TEXT NOT NULL,
	stand_in  TEXT NOT NULL, -- may be empty
	PRIMARY KEY (firm_id, id),
	FOREIGN KEY (firm_id, person_id) REFERENCES people (firm_id, id)
);
CREATE INDEX absences_person ON absences (firm_id, person_id, to_day);
CREATE INDEX absences_stand_in ON absences (firm_id, stand_in, to_day);

-- A Slack workspace in which a firm's app is installed: its own, or a client's. Secrets are sealed.
CREATE TABLE workspaces (
	firm_id     TEXT NOT NULL REFERENCES firms (id),
	id          TEXT NOT NULL,
	client_id   TEXT NOT NULL, -- empty: the firm's own
	name        TEXT NOT NULL,
	socket      BOOLEAN NOT NULL,
	trusted     BOOLEAN NOT NULL, -- an address found there is that person: nobody is asked
	team_id     TEXT NOT NULL,
	app_id      TEXT NOT NULL,
	bot_user    TEXT NOT NULL,
	oauth_id    TEXT NOT NULL,
	secrets     TEXT NOT NULL,
	state       TEXT NOT NULL,
	reason      TEXT NOT NULL,
	state_at    BIGINT NOT NULL,
	look_at     BIGINT NOT NULL, -- when to look for people who are not bound there
	created_at  BIGINT NOT NULL,
	revision    BIGINT NOT NULL,
	PRIMARY KEY (firm_id, id)
);
CREATE UNIQUE INDEX workspaces_team ON workspaces (team_id, app_id) WHERE state = 'active';
CREATE UNIQUE INDEX workspaces_client ON workspaces (firm_id, client_id) WHERE state <> 'removed';

-- The one-time state of an installation that was begun.
CREATE TABLE installs (
	hash         TEXT NOT NULL PRIMARY KEY,
	firm_id      TEXT NOT NULL,
	workspace_id TEXT NOT NULL,
	person_id    TEXT NOT NULL,
	expires_at   BIGINT NOT NULL,
	used_at      BIGINT NOT NULL,
	FOREIGN KEY (firm_id, workspace_id) REFERENCES workspaces (firm_id, id)
);

-- Who somebody is in a workspace.
CREATE TABLE bindings (
	firm_id      TEXT NOT NULL,
	person_id    TEXT NOT NULL,
	workspace_id TEXT NOT NULL,
	user_id      TEXT NOT NULL,
	channel      TEXT NOT NULL, -- of their direct messages; empty: not opened yet
	state        TEXT NOT NULL, -- missing, asked, confirmed, refused, dead
	email_key    TEXT NOT NULL, -- the address that was looked up
	state_at     BIGINT NOT NULL,
	PRIMARY KEY (firm_id, person_id, workspace_id),
	FOREIGN KEY (firm_id, person_id) REFERENCES people (firm_id, id),
	FOREIGN KEY (firm_id, workspace_id) REFERENCES workspaces (firm_id, id)
);
CREATE UNIQUE INDEX bindings_user ON bindings (firm_id, workspace_id, user_id) WHERE state = 'confirmed' OR state = 'asked';

-- The channel in which a client's people hear how much is open: counts only.
CREATE TABLE client_channels (
	firm_id      TEXT NOT NULL,
	client_id    TEXT NOT NULL,
	workspace_id TEXT NOT NULL,
	channel      TEXT NOT NULL,
	PRIMARY KEY (firm_id, client_id),
	FOREIGN KEY (firm_id, client_id) REFERENCES clients (firm_id, id),
	FOREIGN KEY (firm_id, workspace_id) REFERENCES workspaces (firm_id, id)
);

-- When to look next whether there is something to say to somebody. A row comes with every person.
CREATE TABLE mailboxes (
	firm_id   TEXT NOT NULL,
	person_id TEXT NOT NULL,
	client_id TEXT NOT NULL,
	next_at   BIGINT NOT NULL,
	looked_on TEXT NOT NULL, -- the last day of theirs on which we looked
	PRIMARY KEY (firm_id, person_id),
	FOREIGN KEY (firm_id, person_id) REFERENCES people (firm_id, id)
);
CREATE INDEX mailboxes_next ON mailboxes (next_at);
INSERT INTO mailboxes (firm_id, person_id, client_id, next_at, looked_on) SELECT firm_id, id, client_id, 0, 'none' FROM people;

-- The last step of each item that was said to somebody.
CREATE TABLE told (
	firm_id       TEXT NOT NULL,
	person_id     TEXT NOT NULL,
	engagement_id TEXT NOT NULL,
	item          TEXT NOT NULL,
	due           TEXT NOT NULL,
	step          INTEGER NOT NULL,
	on_day        TEXT NOT NULL,
	was_due       TEXT NOT NULL, -- the last step that was said on a day before
	was_step      INTEGER NOT NULL,
	PRIMARY KEY (firm_id, engagement_id, person_id, item),
	FOREIGN KEY (firm_id, engagement_id) REFERENCES engagements (firm_id, id)
);

-- What an event is to be told to whom, until a delivery has taken it up.
CREATE TABLE notices (
	firm_id       TEXT NOT NULL,
	engagement_id TEXT NOT NULL,
	seq           BIGINT NOT NULL, -- of the event
	person_id     TEXT NOT NULL,
	kind          TEXT NOT NULL,
	subject       TEXT NOT NULL,
	actor         TEXT NOT NULL,
	from_value    TEXT NOT NULL,
	to_value      TEXT NOT NULL,
	text          TEXT NOT NULL,
	at            BIGINT NOT NULL,
	urgent        BOOLEAN NOT NULL,
	delivery_id   TEXT NOT NULL, -- empty: not taken up
	PRIMARY KEY (firm_id, engagement_id, seq, person_id),
	FOREIGN KEY (firm_id, engagement_id) REFERENCES engagements (firm_id, id)
);
CREATE INDEX notices_person ON notices (firm_id, person_id) WHERE delivery_id = '';
CREATE INDEX notices_urgent ON notices (at) WHERE urgent AND delivery_id = '';
CREATE INDEX notices_delivery ON notices (firm_id, delivery_id) WHERE delivery_id <> '';

-- The ledger: one row for everything that was to be said.
CREATE TABLE deliveries (
	firm_id       TEXT NOT NULL REFERENCES firms (id),
	id            TEXT NOT NULL, -- made of what it says to whom when: the same is never planned twice
	kind          TEXT NOT NULL,
	slot          TEXT NOT NULL,
	person_id     TEXT NOT NULL, -- empty: a channel
	channel       TEXT NOT NULL,
	lane          TEXT NOT NULL,
	workspace_id  TEXT NOT NULL,
	dest          TEXT NOT NULL, -- where it went: a Slack channel or a mail address
	status        TEXT NOT NULL,
	reason        TEXT NOT NULL,
	planned_at    BIGINT NOT NULL,
	not_after     BIGINT NOT NULL,
	settled_at    BIGINT NOT NULL,
	day           TEXT NOT NULL, -- the recipient's
	missing_from  TEXT NOT NULL, -- days on which nothing was sent to them though it should have been
	missing_to    TEXT NOT NULL,
	fence         BIGINT NOT NULL,
	attempts      INTEGER NOT NULL,
	looks         INTEGER NOT NULL, -- how often it was looked for since it was sent
	sending_since BIGINT NOT NULL,
	next_try      BIGINT NOT NULL,
	message       TEXT NOT NULL, -- frozen before it is sent
	receipt       TEXT NOT NULL,
	evidence      TEXT NOT NULL,
	follows       TEXT NOT NULL, -- the delivery whose failure or repetition this is
	edit_due      BIGINT NOT NULL, -- since when it is to be edited, because something it says has changed; 0: it is not
	PRIMARY KEY (firm_id, id)
);
CREATE INDEX deliveries_list ON deliveries (firm_id, planned_at, id);
CREATE INDEX deliveries_open ON deliveries (firm_id, lane, next_try) WHERE status = 'planned' OR status = 'sending' OR status = 'sent' AND edit_due > 0;
CREATE INDEX deliveries_person ON deliveries (firm_id, person_id, planned_at, id);
CREATE INDEX deliveries_failed ON deliveries (firm_id, person_id, planned_at) WHERE status = 'failed';

-- Every try, and every look for what a try left in doubt. Rows are only ever added.
CREATE TABLE delivery_attempts (
	firm_id     TEXT NOT NULL,
	delivery_id TEXT NOT NULL,
	no          INTEGER NOT NULL,
	fence       BIGINT NOT NULL,
	class       TEXT NOT NULL,
	status      INTEGER NOT NULL, -- of HTTP or SMTP; 0: no answer
	error       TEXT NOT NULL,
	request     TEXT NOT NULL, -- the provider's id of it
	at          BIGINT NOT NULL,
	took        BIGINT NOT NULL,
	PRIMARY KEY (firm_id, delivery_id, no),
	FOREIGN KEY (firm_id, delivery_id) REFERENCES deliveries (firm_id, id)
);

-- What a message says something about: to mark it as done, and to find what was said about a task.
CREATE TABLE delivery_items (
	firm_id       TEXT NOT NULL,
	delivery_id   TEXT NOT NULL,
	engagement_id TEXT NOT NULL,
	item          TEXT NOT NULL,
	due           TEXT NOT NULL,
	step          INTEGER NOT NULL,
	PRIMARY KEY (firm_id, delivery_id, engagement_id, item),
	FOREIGN KEY (firm_id, delivery_id) REFERENCES deliveries (firm_id, id)
);
CREATE INDEX delivery_items_item ON delivery_items (firm_id, engagement_id, item, delivery_id);

-- What Slack sent us, as it came; answered before anything is done about it.
CREATE TABLE inbound (
	firm_id      TEXT NOT NULL,
	workspace_id TEXT NOT NULL,
	id           TEXT NOT NULL,
	kind         TEXT NOT NULL,
	body         TEXT NOT NULL,
	at           BIGINT NOT NULL,
	lease        BIGINT NOT NULL,
	tries        INTEGER NOT NULL,
	done_at      BIGINT NOT NULL,
	outcome      TEXT NOT NULL,
	PRIMARY KEY (firm_id, workspace_id, id),
	FOREIGN KEY (firm_id, workspace_id) REFERENCES workspaces (firm_id, id)
);
CREATE INDEX inbound_open ON inbound (lease) WHERE done_at = 0;

-- What holds a lane of deliveries up.
CREATE TABLE lanes (
	firm_id    TEXT NOT NULL,
	lane       TEXT NOT NULL,
	not_before BIGINT NOT NULL,
	failures   INTEGER NOT NULL,
	error      TEXT NOT NULL,
	at         BIGINT NOT NULL,
	PRIMARY KEY (firm_id, lane)
);

-- When the last sweep was: one row for all firms.
CREATE TABLE sweeps (
	id BIGINT NOT NULL PRIMARY KEY,
	at BIGINT NOT NULL
);

-- +goose StatementBegin
CREATE TRIGGER delivery_attempts_no_update BEFORE UPDATE ON delivery_attempts BEGIN SELECT RAISE(ABORT, 'delivery_attempts are only ever added'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER delivery_attempts_no_delete BEFORE DELETE ON delivery_attempts BEGIN SELECT RAISE(ABORT, 'delivery_attempts are only ever added'); END;
-- +goose StatementEnd
