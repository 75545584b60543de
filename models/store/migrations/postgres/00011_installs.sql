-- +goose Up

-- An installation is first an address that was printed, then the state with which Slack's return comes into the browser that opened it: hash is
-- of the one, then of the other. What was begun by the release before is neither, and is begun again.
ALTER TABLE installs ADD COLUMN cookie TEXT COLLATE "C" NOT NULL DEFAULT ''; -- hash of that browser's cookie; empty: the address was not used yet
