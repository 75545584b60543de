package desk

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"time"

	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// returnable is for how long somebody may take to approve an installation in Slack.
const returnable = 10 * time.Minute

// installPage shows what is about to be installed, and one button. It changes nothing: programs look at addresses before people do.
func (d *Desk) installPage(w http.ResponseWriter, r *http.Request) {
	text, err := d.toInstall(r.Context(), d.Root.For(models.FirmID(r.PathValue("firm"))), r.PathValue("workspace"), r.PathValue("secret"))
	if err != nil {
		d.notConnected(w, r, err, "This cannot be shown just now: try again in a minute.")
		return
	}
	d.Pages.Ask(w, "Install Tickmark in Slack", text, "Go on to Slack", d.Slack.Origins())
}

// toInstall says what an address of an installation is for. It refuses an address that is not good.
func (d *Desk) toInstall(ctx context.Context, s *store.Store, id, secret string) ([]string, error) {
	ws, err := d.begunFor(ctx, s, id, secret)
	if err != nil {
		return nil, err
	}
	firm, err := s.Firm(ctx)
	if err != nil {
		return nil, err
	}
	whose := firm.Name
	if ws.Client != "" {
		client, err := s.Client(ctx, ws.Client)
		if err != nil {
			return nil, err
		}
		whose = client.Name
	}
	return []string{firm.Name + " asks you to install Tickmark: its app will be installed in the Slack workspace " + ws.Name + " of " +
		whose + ".", "Slack asks next whether you approve it, and leads back here. You need to be an administrator of the workspace, " +
		"and to stay in this browser. The button works once."}, nil
}

// begunFor returns the workspace that an address of an installation is for. It refuses an address that is not good in words that do not
// tell whether there is such a workspace.
func (d *Desk) begunFor(ctx context.Context, s *store.Store, id, secret string) (reminders.Workspace, error) {
	if err := s.InstallBegun(ctx, id, secret, d.Real()); err != nil {
		return reminders.Workspace{}, err
	}
	return s.Workspace(ctx, id)
}

// install uses up the address of an installation and leads its browser on to Slack. The browser is given a cookie, without which nobody
// can come back from there in its place.
func (d *Desk) install(w http.ResponseWriter, r *http.Request) {
	s, id := d.Root.For(models.FirmID(r.PathValue("firm"))), r.PathValue("workspace")
	back := store.InstallReturn{State: rand.Text(), Cookie: rand.Text(), Expires: d.Real().Add(returnable)}
	ws, err := d.begunFor(r.Context(), s, id, r.PathValue("secret"))
	if err == nil {
		err = s.ContinueInstall(r.Context(), id, r.PathValue("secret"), back, d.Real())
	}
	if err != nil {
		d.notConnected(w, r, err, "This cannot be done just now: try again in a minute.")
		return
	}
	_, _, _, at := wire.URLs(d.URL, ws.Firm, ws.ID)
	cookie := d.cookie(at)
	cookie.Value, cookie.MaxAge = back.Cookie, int(returnable.Seconds())
	http.SetCookie(w, cookie)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Referrer-Policy", "no-referrer")
	http.Redirect(w, r, d.Slack.AuthorizeURL(ws.OAuthID, back.State, at), http.StatusSeeOther)
}

// cookie returns the cookie of an installation, without its value. at is the address at which it returns, and the only one to which
// browsers send it. It is sent when another site leads there (Lax), since Slack does; over TLS its name says so, and it is set and sent
// there alone.
func (d *Desk) cookie(at string) *http.Cookie {
	c := &http.Cookie{Name: "tickmark-install", HttpOnly: true, SameSite: http.SameSiteLaxMode}
	if u, err := url.Parse(at); err == nil {
		c.Path, c.Secure = u.EscapedPath(), u.Scheme == "https"
	}
	if c.Secure {
		c.Name = "__Secure-" + c.Name
	}
	return c
}

// installed ends an installation that was begun here: Slack sends the browser of who approved it, by GET, as OAuth demands. A state is good
// once, for ten minutes, in the browser that went to Slack, and only when somebody opens the page: HEAD and other methods are answered with
// 405, what is fetched ahead and other browsers with 403, and none of them uses it up.
func (d *Desk) installed(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		http.Error(w, "this address takes GET alone", http.StatusMethodNotAllowed)
		return
	}
	if ahead(r.Header) {
		d.Pages.Say(w, http.StatusForbidden, "Not connected yet", "This page was fetched ahead, which connects nothing: open it.")
		return
	}
	q := r.URL.Query()
	if q.Get("error") != "" || q.Get("code") == "" {
		d.Pages.Say(w, http.StatusBadRequest, "Not connected", "Slack was not connected: nobody approved it.")
		return
	}
	firm, id := models.FirmID(r.PathValue("firm")), r.PathValue("workspace")
	_, _, _, at := wire.URLs(d.URL, firm, id)
	cookie, sent := d.cookie(at), ""
	if c, err := r.Cookie(cookie.Name); err == nil {
		sent = c.Value
	}
	name, err := d.endInstall(r.Context(), d.Root.For(firm), id, sent, q)
	if err != nil {
		d.notConnected(w, r, err, "Slack could not be connected just now: begin again.")
		return
	}
	cookie.MaxAge = -1 // it is used up
	http.SetCookie(w, cookie)
	d.Pages.Say(w, http.StatusOK, "Connected", "Slack of "+name+" is connected. You can close this page.")
}

// notConnected says for people why an installation does not go on: as it was refused, or with otherwise.
func (d *Desk) notConnected(w http.ResponseWriter, r *http.Request, err error, otherwise string) {
	if text, refused := models.Sorry(err); refused {
		d.Pages.Say(w, http.StatusForbidden, "Not connected", text)
		return
	}
	d.Log.WarnContext(r.Context(), "an installation failed", "workspace", r.PathValue("workspace"), "error", err)
	status := http.StatusBadGateway // it was Slack
	if models.CodeOf(err) == models.Unavailable {
		status = http.StatusServiceUnavailable
	}
	d.Pages.Say(w, status, "Not connected", otherwise)
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

// endInstall connects a workspace with the code that Slack gave, when state and cookie are those of its installation, and returns what
// Slack calls it.
func (d *Desk) endInstall(ctx context.Context, s *store.Store, id, cookie string, q url.Values) (string, error) {
	who, err := s.EndInstall(ctx, id, q.Get("state"), cookie, d.Real())
	if err != nil {
		return "", err
	}
	ws, err := s.Workspace(ctx, id)
	if err != nil {
		return "", err
	}
	_, _, _, back := wire.URLs(d.URL, ws.Firm, ws.ID)
	got, err := d.Slack.Exchange(ctx, ws.OAuthID, ws.Secrets.OAuth, q.Get("code"), back)
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
