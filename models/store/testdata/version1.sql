-- A week of March 2026 of a firm, as the release before messages left it in its database (version 1): models/store as of commit 8e463f3
-- wrote these rows. Read by TestMigrateWhatAnOlderReleaseLeft; never edited, since no program writes such rows any more.

INSERT INTO firms (id, name, country, time_zone, closed, created_at, event_seq, revision) VALUES
	('alpha', 'Firm alpha', 'US', 'America/New_York', '', 1772452800123456, 16, 1),
	('beta', 'Beta & Söhne', 'DE', 'Europe/Berlin', '', 1772452800123456, 2, 1);

INSERT INTO clients (firm_id, id, name, name_key, headcount, country, time_zone, weekend, closed, created_at, revision) VALUES
	('alpha', 'acme', 'Acme', 'acme', 80, 'DE', 'Europe/Berlin', '', '', 1772452800123456, 1);

INSERT INTO people (firm_id, id, client_id, name, name_key, email, email_key, role, time_zone, active, created_at, revision) VALUES
	('alpha', 'audrey', '', 'Audrey Auditor', 'audrey auditor', 'audrey@cpa.test', 'audrey@cpa.test', 'auditor', 'Europe/Berlin', TRUE, 1772452800123456, 1),
	('alpha', 'carl', '', 'Carl Consultant', 'carl consultant', 'carl@firm.test', 'carl@firm.test', 'consultant', 'Europe/Berlin', TRUE, 1772452800123456, 1),
	('alpha', 'gus', 'acme', 'Gus O''Neil', 'gus o''neil', 'gus@acme.test', 'gus@acme.test', 'owner', 'Europe/Berlin', FALSE, 1772452800123456, 2),
	('alpha', 'mia', '', 'Mia Manager', 'mia manager', 'mia@firm.test', 'mia@firm.test', 'pm', 'Europe/Berlin', TRUE, 1772452800123456, 1),
	('alpha', 'olga', 'acme', 'Olga Owner', 'olga owner', 'olga@acme.test', 'olga@acme.test', 'owner', 'Europe/Berlin', TRUE, 1772452800123456, 1),
	('alpha', 'paula', '', 'Paula Partner', 'paula partner', 'paula@firm.test', 'paula@firm.test', 'partner', 'America/New_York', TRUE, 1772452800123456, 1),
	('alpha', 'sam', 'acme', 'Sam Sponsor', 'sam sponsor', 'sam@acme.test', 'sam@acme.test', 'sponsor', 'Europe/Berlin', TRUE, 1772452800123456, 1),
	('beta', 'bert', '', 'Bert', 'bert', 'bert@beta.test', 'bert@beta.test', 'partner', 'Europe/Berlin', TRUE, 1772452800123456, 1);

INSERT INTO duties (firm_id, client_id, function, person_id, backup_id) VALUES
	('alpha', 'acme', 'security_lead', 'olga', 'sam'),
	('alpha', 'acme', 'sponsor', 'sam', 'olga');

INSERT INTO tokens (firm_id, id, person_id, label, hash, created_at, expires_at, used_at, revoked_at) VALUES
	('alpha', 't-wiqqqzlzrfpc', 'mia', 'laptop', 'hash-of-mia', 1772452800123456, 0, 0, 0);

INSERT INTO requests (firm_id, actor, key, hash, engagement_id, result, at) VALUES
	('alpha', 'carl', 'k9', 'h9', 'e1', '{"revision":11,"events":1}', 1772539200123456),
	('alpha', 'mia', 'k-gus', 'h', '', '{"Firm":"alpha","ID":"gus","Client":"acme","Name":"Gus O''Neil","Email":"gus@acme.test","Role":"owner","TimeZone":"Europe/Berlin","Active":true,"Revision":1,"CreatedAt":"2026-03-02T12:00:00.123456Z"}', 1772452800123456),
	('alpha', 'mia', 'k1', 'h1', 'e1', '{"revision":2,"events":3}', 1772452800123456),
	('alpha', 'mia', 'k10', 'h10', 'e1', '{"revision":12,"events":1}', 1772539200123456),
	('alpha', 'mia', 'k12', 'h12', 'e1', '{"revision":15,"events":1}', 1772712000123456),
	('alpha', 'mia', 'k15', 'h15', 'e1', '{"revision":18,"created":"D-1","events":1}', 1772712000123456),
	('alpha', 'mia', 'k16', 'h16', 'e1', '{"revision":19,"events":1}', 1772712000123456),
	('alpha', 'mia', 'k7', 'h7', 'e1', '{"revision":9,"events":1}', 1772539200123456),
	('alpha', 'mia', 'k8', 'h8', 'e1', '{"revision":10,"events":1}', 1772539200123456),
	('alpha', 'paula', 'k14', 'h14', 'e1', '{"revision":17,"created":"X-1","events":1}', 1772712000123456),
	('alpha', 'paula', 'k2', 'h2', 'e1', '{"revision":4,"events":2}', 1772539200123456),
	('alpha', 'paula', 'k4', 'h4', 'e1', '{"revision":6,"events":1}', 1772539200123456),
	('alpha', 'paula', 'k6', 'h6', 'e1', '{"revision":8,"events":1}', 1772539200123456),
	('alpha', 'sam', 'k11', 'h11', 'e1', '{"revision":14,"events":1}', 1772712000123456),
	('alpha', 'sam', 'k13', 'h13', 'e1', '{"revision":16,"events":1}', 1772712000123456),
	('alpha', 'sam', 'k3', 'h3', 'e1', '{"revision":5,"events":1}', 1772539200123456),
	('alpha', 'sam', 'k5', 'h5', 'e1', '{"revision":7,"events":1}', 1772539200123456);

INSERT INTO firm_events (firm_id, seq, at, actor, kind, subject, field, from_value, to_value, reason, key) VALUES
	('alpha', 1, 1772452800123456, '', 'firm.created', 'alpha', 'name', '', 'Firm alpha', '', ''),
	('alpha', 10, 1772452800123456, '', 'duty.set', 'acme/sponsor', 'backup', '', 'olga', '', ''),
	('alpha', 11, 1772452800123456, 'mia', 'engagement.created', 'e1', 'name', '', 'SOC 2 e1', '', ''),
	('alpha', 12, 1772452800123456, 'mia', 'person.created', 'gus', 'role', '', 'owner', '', 'k-gus'),
	('alpha', 13, 1772456400123456, 'mia', 'person.updated', 'gus', 'active', 'yes', 'no', '', ''),
	('alpha', 14, 1772452800123456, 'sam', 'duty.set', 'acme/security_lead', 'person', '', 'olga', '', ''),
	('alpha', 15, 1772452800123456, 'sam', 'duty.set', 'acme/security_lead', 'backup', '', 'sam', '', ''),
	('alpha', 16, 1772452800123456, 'mia', 'token.created', 'mia', 'token', '', 't-wiqqqzlzrfpc', '', ''),
	('alpha', 2, 1772452800123456, '', 'person.created', 'paula', 'role', '', 'partner', '', ''),
	('alpha', 3, 1772452800123456, '', 'client.created', 'acme', 'name', '', 'Acme', '', ''),
	('alpha', 4, 1772452800123456, '', 'person.created', 'mia', 'role', '', 'pm', '', ''),
	('alpha', 5, 1772452800123456, '', 'person.created', 'carl', 'role', '', 'consultant', '', ''),
	('alpha', 6, 1772452800123456, '', 'person.created', 'audrey', 'role', '', 'auditor', '', ''),
	('alpha', 7, 1772452800123456, '', 'person.created', 'sam', 'role', '', 'sponsor', '', ''),
	('alpha', 8, 1772452800123456, '', 'person.created', 'olga', 'role', '', 'owner', '', ''),
	('alpha', 9, 1772452800123456, '', 'duty.set', 'acme/sponsor', 'person', '', 'sam', '', ''),
	('beta', 1, 1772452800123456, '', 'firm.created', 'beta', 'name', '', 'Beta & Söhne', '', ''),
	('beta', 2, 1772452800123456, '', 'person.created', 'bert', 'role', '', 'partner', '', '');

INSERT INTO engagements (firm_id, id, client_id, name, name_key, type, categories, addons, headcount, time_zone, status, kickoff, as_of, window_open, window_months, previous_close, target, partner, manager, auditor, consultants, baseline, pace, health, health_rank, forecast, cautious, percent, open_tasks, overdue, reason, phases, next_due, wake, paused_on, started_at, ended_at, created_at, added, decided, event_seq, comment_seq, stamp, revision) VALUES
	('alpha', 'e1', 'acme', 'SOC 2 e1', 'soc 2 e1', 'soc2_type1_type2', '["security"]', '', 80, 'Europe/Berlin', 'running', '2026-03-02', '2026-08-07', '2026-08-08', 6, 'none', '2027-04-23', 'paula', 'mia', 'audrey', '["carl"]', '{"report":"2027-04-23","cautious":"2027-05-20","phases":{"gap":{"start":"2026-03-19","end":"2026-04-20"},"kickoff":{"start":"2026-03-02","end":"2026-03-18"},"remediation":{"start":"2026-04-21","end":"2026-07-24"},"renewal":{"start":"2027-04-23","end":"2027-05-18"},"t1_fieldwork":{"start":"2026-08-14","end":"2026-09-04"},"t1_prep":{"start":"2026-07-24","end":"2026-08-11"},"t1_report":{"start":"2026-09-04","end":"2026-10-01"},"t2_close":{"start":"2027-02-08","end":"2027-02-22"},"t2_fieldwork":{"start":"2027-02-22","end":"2027-03-24"},"t2_report":{"start":"2027-03-24","end":"2027-04-23"},"t2_window":{"start":"2026-08-08","end":"2027-02-07"},"window_setup":{"start":"2026-07-27","end":"2026-08-08"}}}', '{"planned":{"firm":6},"actual":{"firm":6},"closed":6,"on_time":6}', 'at_risk', 2, '2027-04-23', '2027-05-20', 5, 7, 1, 'Name control owners and backups is blocked by the firm: who are the owners?', '["kickoff"]', '2026-03-06', 1773158401000000, 'none', 1772452800123456, 0, 1772452800123456, 1, 1, 21, 1, 's-blnilgwnxglk', 20);

INSERT INTO engagement_members (firm_id, person_id, engagement_id, role) VALUES
	('alpha', 'audrey', 'e1', 'auditor'),
	('alpha', 'carl', 'e1', 'consultant'),
	('alpha', 'mia', 'e1', 'pm'),
	('alpha', 'paula', 'e1', 'partner');

INSERT INTO phases (firm_id, engagement_id, phase, position, standing, round, entered, left_on, began, through, plan_from, plan_to, tasks, closed) VALUES
	('alpha', 'e1', 'gap', 1, 'waiting', 0, 'none', 'none', 'none', 'none', '2026-03-19', '2026-04-20', 0, 0),
	('alpha', 'e1', 'kickoff', 0, 'active', 1, '2026-03-02', 'none', '2026-03-02', '2026-03-10', '2026-03-02', '2026-03-18', 14, 7),
	('alpha', 'e1', 'remediation', 2, 'waiting', 0, 'none', 'none', 'none', 'none', '2026-04-21', '2026-07-24', 0, 0),
	('alpha', 'e1', 'renewal', 11, 'waiting', 0, 'none', 'none', 'none', 'none', '2027-04-23', '2027-05-18', 0, 0),
	('alpha', 'e1', 't1_fieldwork', 4, 'waiting', 0, 'none', 'none', 'none', 'none', '2026-08-14', '2026-09-04', 0, 0),
	('alpha', 'e1', 't1_prep', 3, 'waiting', 0, 'none', 'none', 'none', 'none', '2026-07-24', '2026-08-11', 0, 0),
	('alpha', 'e1', 't1_report', 5, 'waiting', 0, 'none', 'none', 'none', 'none', '2026-09-04', '2026-10-01', 0, 0),
	('alpha', 'e1', 't2_close', 8, 'waiting', 0, 'none', 'none', 'none', 'none', '2027-02-08', '2027-02-22', 0, 0),
	('alpha', 'e1', 't2_fieldwork', 9, 'waiting', 0, 'none', 'none', 'none', 'none', '2027-02-22', '2027-03-24', 0, 0),
	('alpha', 'e1', 't2_report', 10, 'waiting', 0, 'none', 'none', 'none', 'none', '2027-03-24', '2027-04-23', 0, 0),
	('alpha', 'e1', 't2_window', 7, 'waiting', 0, 'none', 'none', 'none', 'none', '2026-08-08', '2027-02-07', 0, 0),
	('alpha', 'e1', 'window_setup', 6, 'waiting', 0, 'none', 'none', 'none', 'none', '2026-07-27', '2026-08-08', 0, 0);

INSERT INTO gates (firm_id, engagement_id, id, round, phase, approver, blocking, state, by_id, at, reason) VALUES
	('alpha', 'e1', 'G-KO-1', 1, 'kickoff', 'sponsor', TRUE, 'open', '', 0, ''),
	('alpha', 'e1', 'G-KO-2', 1, 'kickoff', 'pm', TRUE, 'open', '', 0, ''),
	('alpha', 'e1', 'G-KO-3', 1, 'kickoff', 'partner', TRUE, 'open', '', 0, '');

INSERT INTO tasks (firm_id, engagement_id, id, template, subject, phase, title, state, gate, owner_role, owner, backup, approver_role, approver, after_ids, anchor, due, original_due, moved, period_from, period_to, minutes, blocked_by, reason, late, opened_on, done_by, done_at, round) VALUES
	('alpha', 'e1', 'KO-01', 'KO-01', '', 'kickoff', 'Sign engagement letter and confidentiality agreement', 'done', TRUE, 'partner', 'paula', '', 'sponsor', 'sam', '', 'kickoff_date', '2026-03-03', '2026-03-03', FALSE, 'none', 'none', 120, '', '', FALSE, '2026-03-02', 'paula', 1772539200123456, 1),
	('alpha', 'e1', 'KO-02', 'KO-02', '', 'kickoff', 'Check independence and conflicts', 'done', TRUE, 'partner', 'paula', '', '', '', '', 'kickoff_date', '2026-03-03', '2026-03-03', FALSE, 'none', 'none', 60, '', '', FALSE, '2026-03-02', 'paula', 1772539200123456, 1),
	('alpha', 'e1', 'KO-03', 'KO-03', '', 'kickoff', 'Assign manager, consultants and hour budget', 'done', FALSE, 'partner', 'paula', '', '', '', '["KO-01","KO-02"]', 'kickoff_date', '2026-03-03', '2026-03-03', FALSE, 'none', 'none', 60, '', '', FALSE, '2026-03-03', 'paula', 1772539200123456, 1),
	('alpha', 'e1', 'KO-04', 'KO-04', '', 'kickoff', 'Collect client profile: size, sites, products, time zone, holidays, chat tool', 'done', FALSE, 'pm', 'mia', 'paula', '', '', '["KO-01"]', 'kickoff_date', '2026-03-03', '2026-03-03', FALSE, 'none', 'none', 120, '', '', FALSE, '2026-03-03', 'mia', 1772539200123456, 1),
	('alpha', 'e1', 'KO-05', 'KO-05', '', 'kickoff', 'Set up workspace, contacts and channels', 'done', FALSE, 'consultant', 'carl', 'mia', '', '', '["KO-03","KO-04"]', 'kickoff_date', '2026-03-03', '2026-03-03', FALSE, 'none', 'none', 120, '', '', FALSE, '2026-03-03', 'carl', 1772539200123456, 1),
	('alpha', 'e1', 'KO-06', 'KO-06', '', 'kickoff', 'Hold kickoff meeting', 'done', FALSE, 'pm', 'mia', 'paula', '', '', '["KO-05"]', 'kickoff_date', '2026-03-03', '2026-03-03', FALSE, 'none', 'none', 120, '', '', FALSE, '2026-03-03', 'mia', 1772539200123456, 1),
	('alpha', 'e1', 'KO-07', 'KO-07', '', 'kickoff', 'Name control owners and backups', 'blocked', TRUE, 'sponsor', 'sam', 'olga', '', '', '["KO-06"]', 'kickoff_date', '2026-03-09', '2026-03-09', FALSE, 'none', 'none', 120, 'firm', 'who are the owners?', FALSE, '2026-03-03', '', 0, 1),
	('alpha', 'e1', 'KO-08', 'KO-08', '', 'kickoff', 'Confirm report type and target report date', 'submitted', TRUE, 'sponsor', 'sam', 'olga', 'partner', 'paula', '["KO-06"]', 'kickoff_date', '2026-03-09', '2026-03-09', FALSE, 'none', 'none', 60, '', '', FALSE, '2026-03-03', 'sam', 1772712000123456, 1),
	('alpha', 'e1', 'KO-09', 'KO-09', '', 'kickoff', 'Choose trust services categories', 'open', FALSE, 'sponsor', 'sam', 'olga', 'partner', 'paula', '["KO-06"]', 'kickoff_date', '2026-03-10', '2026-03-10', FALSE, 'none', 'none', 120, '', '', FALSE, '2026-03-03', '', 0, 1),
	('alpha', 'e1', 'KO-12', 'KO-12', '', 'kickoff', 'Define system boundary: services, infrastructure, people, sites, data', 'open', FALSE, 'consultant', 'carl', 'mia', 'eng_lead', 'sam', '["KO-06"]', 'kickoff_date', '2026-03-12', '2026-03-12', FALSE, 'none', 'none', 360, '', '', FALSE, '2026-03-03', '', 0, 1),
	('alpha', 'e1', 'KO-13', 'KO-13', '', 'kickoff', 'List subservice organizations and choose carve-out or inclusive', 'waived', FALSE, 'consultant', 'carl', 'mia', 'sponsor', 'sam', '["KO-12"]', 'kickoff_date', '2026-03-13', '2026-03-13', FALSE, 'none', 'none', 180, '', 'none are used', FALSE, 'none', 'mia', 1772712000123456, 1),
	('alpha', 'e1', 'KO-14', 'KO-14', '', 'kickoff', 'Choose audit firm and hold dates', 'waiting', FALSE, 'sponsor', 'sam', 'olga', '', '', '["KO-08"]', 'kickoff_date', '2026-04-10', '2026-04-02', TRUE, 'none', 'none', 360, '', '', FALSE, 'none', '', 0, 1),
	('alpha', 'e1', 'KO-15', 'KO-15', '', 'kickoff', 'Write scope memo and have it approved', 'waiting', TRUE, 'pm', 'mia', 'paula', 'sponsor', 'sam', '["KO-07","KO-08","KO-09","KO-12","KO-13"]', 'kickoff_date', '2026-03-18', '2026-03-18', FALSE, 'none', 'none', 240, '', '', FALSE, 'none', '', 0, 1),
	('alpha', 'e1', 'X-1', '', '', 'kickoff', 'Ask for the old report', 'open', FALSE, 'sponsor', 'olga', '', '', '', '', '', '2026-03-06', '2026-03-06', TRUE, 'none', 'none', 0, '', '', TRUE, '2026-03-05', '', 0, 1);

INSERT INTO decisions (firm_id, engagement_id, id, kind, rule, change, reason, proposed_by, proposed_at, needs, approvals, state, closed_at) VALUES
	('alpha', 'e1', 'D-1', 'as_of.move', 'RT-03', '{"as_of":"2026-09-30"}', 'so it is', 'mia', 1772712000123456, '["sponsor","auditor"]', '', 'pending', 0);

INSERT INTO comments (firm_id, engagement_id, seq, task_id, at, by_id, text) VALUES
	('alpha', 'e1', 1, 'KO-04', 1772539200123456, 'mia', 'Who is the "owner" at Größe & Co? \n');

INSERT INTO events (firm_id, engagement_id, seq, at, actor, kind, subject, field, from_value, to_value, reason, key) VALUES
	('alpha', 'e1', 1, 1772452800123456, 'mia', 'engagement.created', 'e1', '', '', 'SOC 2 e1', '', ''),
	('alpha', 'e1', 10, 1772539200123456, 'paula', 'task.completed', 'KO-03', 'state', 'open', 'done', 'so it is', 'k6'),
	('alpha', 'e1', 11, 1772539200123456, 'mia', 'task.commented', 'KO-04', 'comment', '', '', '', 'k7'),
	('alpha', 'e1', 12, 1772539200123456, 'mia', 'task.completed', 'KO-04', 'state', 'open', 'done', 'so it is', 'k8'),
	('alpha', 'e1', 13, 1772539200123456, 'carl', 'task.completed', 'KO-05', 'state', 'open', 'done', 'so it is', 'k9'),
	('alpha', 'e1', 14, 1772539200123456, 'mia', 'task.completed', 'KO-06', 'state', 'open', 'done', 'so it is', 'k10'),
	('alpha', 'e1', 15, 1772712000123456, 'sam', 'task.blocked', 'KO-07', 'blocked_by', '', 'firm', 'who are the owners?', 'k11'),
	('alpha', 'e1', 16, 1772712000123456, 'mia', 'task.moved', 'KO-14', 'due', '2026-04-02', '2026-04-10', 'the vendor is late', 'k12'),
	('alpha', 'e1', 17, 1772712000123456, 'sam', 'task.completed', 'KO-08', 'state', 'open', 'submitted', 'so it is', 'k13'),
	('alpha', 'e1', 18, 1772712000123456, 'paula', 'task.added', 'X-1', 'due', '', '2026-03-06', 'so it is', 'k14'),
	('alpha', 'e1', 19, 1772712000123456, 'mia', 'decision.proposed', 'D-1', 'as_of.move', '', 'as-of date 2026-09-30', 'so it is', 'k15'),
	('alpha', 'e1', 2, 1772452800123456, 'mia', 'engagement.started', '', 'status', 'draft', 'running', 'so it is', 'k1'),
	('alpha', 'e1', 20, 1772712000123456, 'mia', 'task.waived', 'KO-13', 'state', 'waiting', 'waived', 'none are used', 'k16'),
	('alpha', 'e1', 21, 1773144000123456, '', 'task.overdue', 'X-1', 'due', '', '2026-03-06', '', ''),
	('alpha', 'e1', 3, 1772452800123456, '', 'plan.agreed', '', 'report_date', '', '2027-04-23', '', 'k1'),
	('alpha', 'e1', 4, 1772452800123456, '', 'phase.entered', 'kickoff', '', 'waiting', 'active', '', 'k1'),
	('alpha', 'e1', 5, 1772539200123456, 'paula', 'task.completed', 'KO-01', 'state', 'open', 'submitted', 'so it is', 'k2'),
	('alpha', 'e1', 6, 1772539200123456, 'paula', 'task.completed', 'KO-02', 'state', 'open', 'done', 'so it is', 'k2'),
	('alpha', 'e1', 7, 1772539200123456, 'sam', 'task.returned', 'KO-01', 'state', 'submitted', 'open', 'page 3 isn''t signed', 'k3'),
	('alpha', 'e1', 8, 1772539200123456, 'paula', 'task.completed', 'KO-01', 'state', 'open', 'submitted', 'so it is', 'k4'),
	('alpha', 'e1', 9, 1772539200123456, 'sam', 'task.accepted', 'KO-01', 'state', 'submitted', 'done', 'so it is', 'k5');
