-- +goose Up

-- The empty item says that a message was made of an engagement, whatever it says of it. Of what was sent to people of a client before it is
-- said of all their engagements; of what was sent to others it is not known, and only its recipient and partners read it on.
INSERT INTO delivery_items (firm_id, delivery_id, engagement_id, item, due, step)
	SELECT d.firm_id, d.id, e.id, '', 'none', 0 FROM deliveries d
	JOIN people p ON p.firm_id = d.firm_id AND p.id = d.person_id AND p.client_id <> ''
	JOIN engagements e ON e.firm_id = p.firm_id AND e.client_id = p.client_id
	WHERE d.kind IN ('digest', 'now', 'again');
