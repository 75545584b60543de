package api

import (
	"fmt"
	"testing"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A move of thirteen tasks that is refused for each of them counts in its sentence what it does not name, and names all thirteen beside it:
// the command line prints these.
func TestARefusalForManyThingsListsAllOfThem(t *testing.T) {
	var all engagement.Refusals
	for i := range 13 {
		all = append(all, &models.Error{Code: models.Conflict, Field: "task", Message: fmt.Sprintf("RE-%02d is done", i)})
	}
	p := problemOf(fmt.Errorf("move tasks: %w", all))
	if p.Status != 409 || len(p.Errors) != 13 || p.Errors[12].Detail != "RE-12 is done" || p.Errors[12].Field != "task" {
		t.Errorf("it answers %+v", p)
	}
	want := "RE-09 is done; and 3 more: the same on the command line names all of them"
	if n := len(p.Detail) - len(want); n < 0 || p.Detail[n:] != want {
		t.Errorf("it says %q", p.Detail)
	}
}
