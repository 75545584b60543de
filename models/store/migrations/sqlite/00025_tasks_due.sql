-- +goose Up

-- The open tasks of all engagements by due date, as /tasks lists them; those that are late are told apart without looking at the task. The condition is store.openStates, letter by letter.
CREATE INDEX tasks_due ON tasks (firm_id, due, engagement_id, id, late) WHERE (state = 'waiting' OR state = 'open' OR state = 'submitted' OR state = 'blocked');

-- What ended last, of which every forecast of a day wants twenty.
CREATE INDEX engagements_ended ON engagements (firm_id, ended_at DESC, id) WHERE status = 'completed';
