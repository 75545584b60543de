package desk

import (
	"context"
	"net/http"
	"strings"

	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// installed ends an installation that was begun here: Slack sends the browser of who approved it, by GET, as OAuth demands. A state is good
// once, for ten minutes, and only when somebody opens the page: HEAD and other methods are answered with 405, what is fetched ahead with
// 403, and neither uses it up.
func (d *Desk) installed(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "this address takes GET alone", http.StatusMethodNotAllowed)
		return
	}
	if ahead(r.Header) {
		d.Page(w, http.StatusForbidden, "Not connected yet", "This page was fetched ahead, which connects nothing: open it.")
		return
	}
	q := r.URL.Query()
	firm, id := models.FirmID(r.PathValue("firm")), r.PathValue("workspace")
	if q.Get("error") != "" || q.Get("code") == "" {
		d.Page(w, http.StatusBadRequest, "Not connected", "Slack was not connected: nobody approved it.")
		return
	}
	name, err := d.endInstall(r.Context(), d.Root.For(firm), id, q.Get("state"), q.Get("code"))
	if text, refused := models.Sorry(err); refused {
		d.Page(w, http.StatusForbidden, "Not connected", text)
		return
	} else if err != nil {
		d.Log.WarnContext(r.Context(), "an installation failed", "workspace", id, "error", err)
		d.Page(w, http.StatusBadGateway, "Not connected", "Slack could not be connected just now: begin again.")
		return
	}
	d.Page(w, http.StatusOK, "Connected", "Slack of "+name+" is connected. You can close this page.")
}

// ahead reports whether nobody opened a page: a browser or a program that checks mails fetches it before, and says so.
func ahead(h http.Header) bool {
	for _, name := range []string{"Purpose", "Sec-Purpose", "X-Purpose", "X-Moz"} {
		for _, v := range h.Values(name) {
			if v = strings.ToLower(v); strings.Contains(v, "prefetch") || strings.Contains(v, "preview") || strings.Contains(v, "prerender") {
				return true
			}
		}
	}
	return false
}

func (d *Desk) endInstall(ctx context.Context, s *store.Store, id, state, code string) (string, error) {
	who, err := s.EndInstall(ctx, id, state, d.Real())
	if err != nil {
		return "", err
	}
	ws, err := s.Workspace(ctx, id)
	if err != nil {
		return "", err
	}
	_, _, _, back := wire.URLs(d.URL, ws.Firm, ws.ID)
	got, err := d.Slack.Exchange(ctx, ws.OAuthID, ws.Secrets.OAuth, code, back)
	if err != nil {
		return "", err
	}
	if got.Team == "" {
		return "", models.Refuse(models.Invalid, "",
			"Tickmark is installed in one workspace at a time, not in a whole organization: choose a workspace")
	}
	_, err = s.UpdateWorkspace(ctx, store.Once{Actor: who}, id, d.Now(), func(x *reminders.Workspace) error {
		x.Team, x.App, x.Bot, x.Secrets.Token, x.State, x.Reason = got.Team, got.App, got.Bot, got.Token, reminders.WorkspaceActive, ""
		return nil
	})
	return got.TeamName, err
}
