-- +goose Up

-- Words that meant several things mean one now. A message is scheduled (a plan is an engagement's), a workspace whose app cannot be used
-- any more is disconnected, a notice of a decision asks for an approval, and what was sent is called sent. Events are only ever added:
-- those of before keep the kind workspace.broken.
ALTER TABLE deliveries RENAME COLUMN planned_at TO scheduled_at;
DROP INDEX deliveries_open;
UPDATE deliveries SET status = 'scheduled' WHERE status = 'planned';
CREATE INDEX deliveries_open ON deliveries (firm_id, lane, next_try) WHERE status = 'scheduled' OR status = 'sending' OR status = 'sent' AND edit_due > 0;

UPDATE workspaces SET state = 'disconnected' WHERE state = 'broken';
UPDATE notices SET kind = 'approval' WHERE kind = 'word';
ALTER TABLE told RENAME TO sent_steps;

-- What was answered to an idempotency key is answered again in the words of now. A quotation mark inside a text is escaped there.
UPDATE requests SET result = replace(replace(result, '"PlannedAt":', '"ScheduledAt":'), '"Status":"planned"', '"Status":"scheduled"')
	WHERE result LIKE '%"PlannedAt":%';
UPDATE requests SET result = replace(result, '"State":"broken"', '"State":"disconnected"') WHERE result LIKE '%"State":"broken"%';
