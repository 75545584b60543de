-- +goose Up

-- Of which firm a firm is the demo; empty: it is none. It is said when the firm is made, and never changes. A firm has one demo at most.
ALTER TABLE firms ADD COLUMN demo_of TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX firms_demo ON firms (demo_of) WHERE demo_of <> '';

-- +goose StatementBegin
CREATE TRIGGER firms_demo_stays BEFORE UPDATE OF demo_of ON firms WHEN NEW.demo_of <> OLD.demo_of
BEGIN SELECT RAISE(ABORT, 'a firm does not become a demo'); END;
-- +goose StatementEnd

-- The record is only ever added to, but that of a demo goes with its firm.

DROP TRIGGER events_no_delete;
DROP TRIGGER firm_events_no_delete;
DROP TRIGGER comments_no_delete;
DROP TRIGGER delivery_attempts_no_delete;

-- +goose StatementBegin
CREATE TRIGGER events_no_delete BEFORE DELETE ON events WHEN NOT EXISTS (SELECT 1 FROM firms WHERE id = OLD.firm_id AND demo_of <> '')
BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER firm_events_no_delete BEFORE DELETE ON firm_events WHEN NOT EXISTS (SELECT 1 FROM firms WHERE id = OLD.firm_id AND demo_of <> '')
BEGIN SELECT RAISE(ABORT, 'firm_events are only ever added'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER comments_no_delete BEFORE DELETE ON comments WHEN NOT EXISTS (SELECT 1 FROM firms WHERE id = OLD.firm_id AND demo_of <> '')
BEGIN SELECT RAISE(ABORT, 'comments are only ever added'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER delivery_attempts_no_delete BEFORE DELETE ON delivery_attempts WHEN NOT EXISTS (SELECT 1 FROM firms WHERE id = OLD.firm_id AND demo_of <> '')
BEGIN SELECT RAISE(ABORT, 'delivery_attempts are only ever added'); END;
-- +goose StatementEnd
