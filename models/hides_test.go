package models_test

import (
	"testing"

	"tickmark/models"
)

// No name or title has a character that ends a line, or that hides or turns around what stands beside it, whatever it is in.
func TestNoNameHidesOrTurnsText(t *testing.T) {
	refused := []rune{
		0, '\n', 0x1f, 0x7f, 0x80, 0x85, 0x9b, 0x9f, 0x200b, 0x2028, 0x2029, 0x202a, 0x202e, 0x2060, 0x2066, 0x2069, 0xfeff, 0xfffd,
	}
	for _, r := range refused {
		if err := models.CheckName("name", "Ana"+string(r)+"Ortiz"); models.CodeOf(err) != models.Invalid {
			t.Errorf("%U in a name: %v", r, err)
		}
	}
	for _, name := range []string{"Ana Ortiz", "Łukasz O’Brien", "\u05d3\u05d5\u05d3", "山田 太郎", "Ana\u00a0Ortiz", "José"} {
		if err := models.CheckName("name", name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}
