package models_test

import (
	"strings"
	"testing"

	"tickmark/models"
)

// Whoever fills in a form or presses a button knows of no headers, whatever refuses it.
func TestWhatPeopleReadSpeaksOfNoHeaders(t *testing.T) {
	for _, refusal := range []error{
		models.Refuse(models.KeyReused, "Idempotency-Key", "this Idempotency-Key came with another request before"),
		models.Refuse(models.Invalid, "Idempotency-Key", "Idempotency-Key must be 1 to 200 visible ASCII characters"),
		models.Refuse(models.KeyReused, "", "the key was used"),
		models.Refuse(models.Stale, "If-Match", "the task has changed: it is at revision 4, not 3. Look again before you change it"),
	} {
		text, ok := models.Sorry(refusal)
		for _, word := range []string{"Idempotency", "If-Match", "key", "header"} {
			if !ok || strings.Contains(text, word) {
				t.Errorf("%v is said as %q", refusal, text)
			}
		}
	}
	if text, ok := models.Sorry(models.Refuse(models.Invalid, "due", "due must be a day")); !ok || text != "Due must be a day." {
		t.Errorf("what they can mend is said as %q", text)
	}
}
