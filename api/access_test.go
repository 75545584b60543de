package api

import (
	"testing"

	"tickmark/models"
)

// Every refusal can say in words what it refuses, and whom to ask.
func TestNotFor(t *testing.T) {
	t.Parallel()
	for action, grants := range models.Grants {
		for _, role := range models.Roles {
			if grants[role] == models.ReachNone && doing[action] == "" {
				t.Errorf("no word for %s, which %s may not do", action, role)
			}
		}
	}
	for action := range doing {
		if models.Grants[action] == nil {
			t.Errorf("%s is no action", action)
		}
	}
	for _, tt := range []struct {
		role   models.Role
		action models.Action
		want   string
	}{
		{models.RoleSponsor, "moveTask", "moving a task is for partner, pm or consultant; you are sponsor"},
		{models.RoleManager, "pauseEngagement", "pausing an engagement is for partner; you are pm"},
		{models.RoleAuditor, "draftEngagement", "drafting an engagement is for partner or pm; you are auditor"},
	} {
		if got := notFor(tt.role, tt.action).Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}
