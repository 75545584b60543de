-- +goose Up

-- When the last event of an engagement happened: none after it is dated before it, whatever the clocks of several servers say.
ALTER TABLE engagements ADD COLUMN event_at BIGINT NOT NULL DEFAULT 0;
UPDATE engagements SET event_at = COALESCE((SELECT MAX(e.at) FROM events e WHERE e.firm_id = engagements.firm_id
	AND e.engagement_id = engagements.id), 0);
