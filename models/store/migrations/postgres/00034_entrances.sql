-- +goose Up

-- The secret of a link that is sent to somebody, sealed, for who sends it; empty of all others.
ALTER TABLE tokens ADD COLUMN sealed TEXT NOT NULL DEFAULT '';

-- How often somebody has tried to sign in of late, or an address of the network: subject is a hash of the mail address that was typed, or
-- of the address of the network. No more is taken from it before until. It is nobody's row of any firm: nobody is signed in yet.
CREATE TABLE tries (
    subject  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    n        BIGINT NOT NULL,
    at       BIGINT NOT NULL, -- the last of them
    until    BIGINT NOT NULL
);
CREATE INDEX tries_at ON tries (at);
CREATE INDEX tokens_links ON tokens (expires_at) WHERE kind = 'link';
CREATE INDEX people_address ON people (email_key) WHERE active AND email_key <> '';
