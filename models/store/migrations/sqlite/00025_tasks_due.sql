-- +goose Up

-- The open tasks of all engagements by due date, as /tasks lists them. The condition is store.openStates, letter by letter.
CREATE INDEX tasks_due ON tasks (firm_id, due, engagement_id, id) WHERE (state = 'waiting' OR state = 'open' OR state = 'submitted' OR state = 'blocked');
