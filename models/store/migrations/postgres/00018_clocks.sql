-- +goose Up

-- What the clock of a process said when it gave its last sign of life, in engagement time; 0: a release before this one did not say it.
ALTER TABLE processes ADD COLUMN clock BIGINT NOT NULL DEFAULT 0;
