package safely_test

import (
	"errors"
	"strings"
	"testing"

	"tickmark/activities/safely"
)

func TestDo(t *testing.T) {
	if err := safely.Do(func() error { return nil }); err != nil {
		t.Errorf("what went well: %v", err)
	}
	trouble := errors.New("trouble")
	if err := safely.Do(func() error { return trouble }); !errors.Is(err, trouble) {
		t.Errorf("what failed: %v", err)
	}
	var none *struct{ field int }
	err := safely.Do(func() error { none.field = 1; return nil })
	if err == nil || !strings.Contains(err.Error(), "nil pointer") || !strings.Contains(err.Error(), "safely_test.go") {
		t.Errorf("what panicked: %v", err)
	}
}
