-- +goose Up

-- Controls that are done and were performed after their period stand with the engagement, as JSON: of those from before, the first 200 and
-- how many more there are.
UPDATE engagements AS e SET outlook = json_set(CASE e.outlook WHEN '' THEN '{}' ELSE e.outlook END,
    '$.missed', json((SELECT json_group_array(json_object('task', m.id, 'title',
        CASE WHEN instr(m.title, ': ') > 0 THEN substr(m.title, instr(m.title, ': ') + 2) ELSE m.title END, 'owner', m.owner, 'ended', m.period_to,
        'on', m.performed_on, 'done', json('true')))
        FROM (SELECT t.* FROM tasks t WHERE t.firm_id = e.firm_id AND t.engagement_id = e.id AND t.missed AND t.state = 'done' AND t.performed_on <> 'none'
            ORDER BY t.period_to, t.id LIMIT 200) m)),
    '$.missed_more', max(0, -200 + (SELECT COUNT(*) FROM tasks t WHERE t.firm_id = e.firm_id AND t.engagement_id = e.id AND t.missed AND t.state = 'done' AND t.performed_on <> 'none')))
WHERE EXISTS (SELECT 1 FROM tasks t WHERE t.firm_id = e.firm_id AND t.engagement_id = e.id AND t.missed AND t.state = 'done' AND t.performed_on <> 'none');
