-- +goose Up

-- The list of changes goes by time from a day on.
CREATE INDEX events_at ON events (firm_id, at, engagement_id, seq);
