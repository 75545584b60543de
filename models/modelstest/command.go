package modelstest

import (
	"tickmark/models"
	"tickmark/models/engagement"
)

// Task returns what makes a command be about some tasks.
func Task(ids ...models.TaskID) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Tasks = ids }
}

// Gate returns what makes a command be about a gate.
func Gate(id string) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Gate = id }
}

// Decision returns what makes a command be about a decision.
func Decision(id string) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Decision = id }
}

// Question returns what makes a command be about a question.
func Question(id string) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Question = id }
}

// Because returns what gives a command its reason.
func Because(s string) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Reason = s }
}

// Confirmed returns what lets a command do what is asked about: codes of dates, or the id of an engagement to cancel.
func Confirmed(all ...string) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Confirm = all }
}

// DueOn returns what gives a command its due date, written as 2027-01-31.
func DueOn(s string) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Due = On(s) }
}

// To returns what gives a command the person whom it names.
func To(p models.PersonID) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Person = p }
}

// By returns what gives a command the side that is in the way.
func By(s models.Side) func(*engagement.Command) {
	return func(c *engagement.Command) { c.By = s }
}

// InTheWay returns what gives a command the words for what is in the way.
func InTheWay(s string) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Blocking = s }
}

// Added returns what gives a command the task that it adds.
func Added(n engagement.NewTask) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Add = &n }
}

// Changed returns what gives a command the change that it proposes.
func Changed(ch engagement.Change) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Change = &ch }
}

// Edited returns what gives a command the fields that it edits.
func Edited(e engagement.Edit) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Edit = &e }
}

// StandsFor returns what has a command sent by somebody who stands in for others while they are away.
func StandsFor(who ...models.PersonID) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Actor.For = who }
}

// PerformedOnThe returns what gives a command the day on which a control was performed.
func PerformedOnThe(day models.Date) func(*engagement.Command) {
	return func(c *engagement.Command) { c.On = day }
}

// Moving returns what makes a command say more of how due dates move.
func Moving(m engagement.Moving) func(*engagement.Command) {
	return func(c *engagement.Command) { c.Moving = &m }
}
