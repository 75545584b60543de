-- +goose Up

-- When somebody's access ended; 0 while it has not.
ALTER TABLE people ADD COLUMN left_at BIGINT NOT NULL DEFAULT 0;
UPDATE people SET left_at = COALESCE((SELECT MAX(v.at) FROM firm_events v WHERE v.firm_id = people.firm_id AND v.kind = 'person.updated'
	AND v.subject = people.id AND v.field = 'active' AND v.to_value = 'no'), created_at) WHERE NOT active;
