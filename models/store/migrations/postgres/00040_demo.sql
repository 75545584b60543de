-- +goose Up

-- Of which firm a firm is the demo; empty: it is none. It is said when the firm is made, and never changes. A firm has one demo at most.
ALTER TABLE firms ADD COLUMN demo_of TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE UNIQUE INDEX firms_demo ON firms (demo_of) WHERE demo_of <> '';

-- +goose StatementBegin
CREATE FUNCTION tickmark_demo_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	RAISE EXCEPTION 'a firm does not become a demo';
END
$$;
-- +goose StatementEnd
CREATE TRIGGER firms_demo_stays BEFORE UPDATE OF demo_of ON firms FOR EACH ROW WHEN (NEW.demo_of <> OLD.demo_of)
	EXECUTE FUNCTION tickmark_demo_stays();

-- The record is only ever added to, but that of a demo goes with its firm.

-- +goose StatementBegin
CREATE FUNCTION tickmark_goes_with_demo() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT 1 FROM firms WHERE id = OLD.firm_id AND demo_of <> '') THEN
		RAISE EXCEPTION '% are only ever added', TG_TABLE_NAME;
	END IF;
	RETURN OLD;
END
$$;
-- +goose StatementEnd

DROP TRIGGER events_only_added ON events;
CREATE TRIGGER events_only_added BEFORE UPDATE OR TRUNCATE ON events EXECUTE FUNCTION tickmark_only_added();
CREATE TRIGGER events_no_delete BEFORE DELETE ON events FOR EACH ROW EXECUTE FUNCTION tickmark_goes_with_demo();
DROP TRIGGER firm_events_only_added ON firm_events;
CREATE TRIGGER firm_events_only_added BEFORE UPDATE OR TRUNCATE ON firm_events EXECUTE FUNCTION tickmark_only_added();
CREATE TRIGGER firm_events_no_delete BEFORE DELETE ON firm_events FOR EACH ROW EXECUTE FUNCTION tickmark_goes_with_demo();
DROP TRIGGER comments_only_added ON comments;
CREATE TRIGGER comments_only_added BEFORE UPDATE OR TRUNCATE ON comments EXECUTE FUNCTION tickmark_only_added();
CREATE TRIGGER comments_no_delete BEFORE DELETE ON comments FOR EACH ROW EXECUTE FUNCTION tickmark_goes_with_demo();
DROP TRIGGER delivery_attempts_only_added ON delivery_attempts;
CREATE TRIGGER delivery_attempts_only_added BEFORE UPDATE OR TRUNCATE ON delivery_attempts EXECUTE FUNCTION tickmark_only_added();
CREATE TRIGGER delivery_attempts_no_delete BEFORE DELETE ON delivery_attempts FOR EACH ROW EXECUTE FUNCTION tickmark_goes_with_demo();

-- Who serves may take nothing out of most tables. A demo, and nothing else, it takes away by this, as the owner of the tables.

-- +goose StatementBegin
CREATE FUNCTION tickmark_drop_demo(firm TEXT) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	IF NOT EXISTS (SELECT 1 FROM firms WHERE id = firm AND demo_of <> '') THEN
		RAISE EXCEPTION 'only a demo can be dropped';
	END IF;
	DELETE FROM doubts WHERE firm_id = firm;
	DELETE FROM inbound WHERE firm_id = firm;
	DELETE FROM installs WHERE firm_id = firm;
	DELETE FROM sent_steps WHERE firm_id = firm;
	DELETE FROM delivery_items WHERE firm_id = firm;
	DELETE FROM delivery_attempts WHERE firm_id = firm;
	DELETE FROM deliveries WHERE firm_id = firm;
	DELETE FROM notices WHERE firm_id = firm;
	DELETE FROM forecasts WHERE firm_id = firm;
	DELETE FROM questions WHERE firm_id = firm;
	DELETE FROM decisions WHERE firm_id = firm;
	DELETE FROM comments WHERE firm_id = firm;
	DELETE FROM events WHERE firm_id = firm;
	DELETE FROM gates WHERE firm_id = firm;
	DELETE FROM tasks WHERE firm_id = firm;
	DELETE FROM phases WHERE firm_id = firm;
	DELETE FROM engagement_members WHERE firm_id = firm;
	DELETE FROM engagements WHERE firm_id = firm;
	DELETE FROM requests WHERE firm_id = firm;
	DELETE FROM client_channels WHERE firm_id = firm;
	DELETE FROM bindings WHERE firm_id = firm;
	DELETE FROM lanes WHERE firm_id = firm;
	DELETE FROM mailboxes WHERE firm_id = firm;
	DELETE FROM messaging WHERE firm_id = firm;
	DELETE FROM preferences WHERE firm_id = firm;
	DELETE FROM absences WHERE firm_id = firm;
	DELETE FROM duties WHERE firm_id = firm;
	DELETE FROM tokens WHERE firm_id = firm;
	DELETE FROM workspaces WHERE firm_id = firm;
	DELETE FROM catalogs WHERE firm_id = firm;
	DELETE FROM firm_events WHERE firm_id = firm;
	DELETE FROM people WHERE firm_id = firm;
	DELETE FROM clients WHERE firm_id = firm;
	DELETE FROM firms WHERE id = firm;
END
$$;
-- +goose StatementEnd
