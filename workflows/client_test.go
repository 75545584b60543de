package workflows

import (
	"errors"
	"fmt"
	"testing"

	"go.temporal.io/api/serviceerror"

	"tickmark/models/fault"
)

// What Temporal says is judged by its kind, as it comes over the wire and however deep it is wrapped. What nobody knows is unknown.
func TestWhatTemporalSaysIsJudgedByItsKind(t *testing.T) {
	for _, c := range []struct {
		err    error
		effect fault.Effect
	}{
		{serviceerror.NewNotFound("no such workflow"), fault.NotThere},
		{serviceerror.NewNamespaceNotFound("tickmark"), fault.NoNamespace},
		{serviceerror.NewPermissionDenied("not yours", ""), fault.NotLetIn},
		{serviceerror.NewUnavailable("later"), fault.NoTemporal},
		{serviceerror.NewDeadlineExceeded("too late"), fault.NoTemporal},
		{serviceerror.NewResourceExhausted(1, "too much"), fault.NoTemporal},
		{serviceerror.NewInternal("oops"), fault.DoesNotSay},
		{errors.New("an error of tomorrow"), fault.DoesNotSay},
	} {
		if row := judged(fmt.Errorf("poke: %w", c.err)); row.Effect != c.effect {
			t.Errorf("%T is %+v", c.err, row)
		}
		if _, said := c.err.(serviceerror.ServiceError); said {
			if row := judged(serviceerror.FromStatus(serviceerror.ToStatus(c.err))); row.Effect != c.effect {
				t.Errorf("%T over the wire is %+v", c.err, row)
			}
		}
	}
}
