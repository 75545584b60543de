-- +goose Up

-- Controls that are done and were performed after their period stand with the engagement, as JSON: of those from before, the first 200 and
-- how many more there are.
UPDATE engagements AS e SET outlook = ((CASE e.outlook WHEN '' THEN '{}' ELSE e.outlook END)::jsonb || jsonb_build_object(
    'missed', (SELECT jsonb_agg(jsonb_build_object('task', m.id, 'title',
        CASE WHEN position(': ' IN m.title) > 0 THEN substr(m.title, position(': ' IN m.title) + 2) ELSE m.title END, 'owner', m.owner, 'ended', m.period_to,
        'on', m.performed_on, 'done', TRUE) ORDER BY m.period_to, m.id)
        FROM (SELECT t.* FROM tasks t WHERE t.firm_id = e.firm_id AND t.engagement_id = e.id AND t.missed AND t.state = 'done' AND t.performed_on <> 'none'
            ORDER BY t.period_to, t.id LIMIT 200) m),
    'missed_more', GREATEST(0, -200 + (SELECT COUNT(*) FROM tasks t WHERE t.firm_id = e.firm_id AND t.engagement_id = e.id AND t.missed AND t.state = 'done' AND t.performed_on <> 'none'))))::text
WHERE EXISTS (SELECT 1 FROM tasks t WHERE t.firm_id = e.firm_id AND t.engagement_id = e.id AND t.missed AND t.state = 'done' AND t.performed_on <> 'none');
