-- +goose Up

-- What lets somebody in is of a kind: a token of a program, the session of a browser, or a link that opens one session once. way says how a
-- session came about or what a link is for; bound is a hash of what the browser has that asked for a link, empty where any may use it.
ALTER TABLE tokens ADD COLUMN kind TEXT NOT NULL DEFAULT 'token';
ALTER TABLE tokens ADD COLUMN way TEXT NOT NULL DEFAULT '';
ALTER TABLE tokens ADD COLUMN bound TEXT NOT NULL DEFAULT '';
