package api

import (
	"context"
	"crypto/rand"
	"time"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

func (h handlers) ListWorkspaces(ctx context.Context, _ gen.ListWorkspacesRequestObject) (gen.ListWorkspacesResponseObject, error) {
	all, err := of(ctx).Store.Workspaces(ctx)
	return gen.ListWorkspaces200JSONResponse{Items: each(atMost(listed, all), showWorkspace)}, err
}

func (h handlers) GetWorkspace(ctx context.Context, r gen.GetWorkspaceRequestObject) (gen.GetWorkspaceResponseObject, error) {
	w, err := of(ctx).Store.Workspace(ctx, r.Workspace)
	if err != nil {
		return nil, err
	}
	out := showWorkspace(w)
	out.MissingScopes = h.cfg.Post.MissingScopes(ctx, w)
	return gen.GetWorkspace200JSONResponse{Body: out, Headers: gen.GetWorkspace200ResponseHeaders{ETag: etag(w.Revision)}}, nil
}

func (h handlers) AddWorkspace(ctx context.Context, r gen.AddWorkspaceRequestObject) (gen.AddWorkspaceResponseObject, error) {
	who, b := of(ctx), r.Body
	w := reminders.Workspace{ID: b.ID, Client: b.Client, Name: b.Name, Socket: b.SocketMode, Trusted: b.Trusted, OAuthID: b.ClientID,
		Secrets: reminders.WorkspaceSecrets{Signing: b.SigningSecret, OAuth: b.ClientSecret, AppToken: b.AppToken}}
	if err := (reminders.Workspace{Name: b.Name, Socket: b.SocketMode, OAuthID: b.ClientID,
		Secrets: reminders.WorkspaceSecrets{Token: b.Token, Signing: b.SigningSecret, OAuth: b.ClientSecret,
			AppToken: b.AppToken}}).Check(); err != nil {
		return nil, err
	}
	connect, err := h.connection(ctx, b.Token)
	if err != nil {
		return nil, err
	}
	if w, err = who.Store.AddWorkspace(ctx, who.Once, w, who.Now); err != nil {
		return nil, err
	}
	if b.Token != "" {
		second := who.Once
		second.Key, second.IfRevision = second.Key+"~connect", 0
		if w, err = who.Store.UpdateWorkspace(ctx, second, w.ID, who.Now, connect); err != nil {
			return nil, err
		}
	}
	return gen.AddWorkspace201JSONResponse{Body: showWorkspace(w),
		Headers: gen.AddWorkspace201ResponseHeaders{ETag: etag(w.Revision), Location: base + "/slack/workspaces/" + w.ID}}, nil
}

// connection asks Slack whose a token is, and returns what connects a workspace with it; without a token, nothing.
func (h handlers) connection(ctx context.Context, token string) (func(*reminders.Workspace) error, error) {
	if token == "" {
		return func(*reminders.Workspace) error { return nil }, nil
	}
	who, err := h.cfg.Post.Identify(ctx, token)
	return func(w *reminders.Workspace) error {
		if w.Team != who.Team {
			w.App = "" // of the workspace before
		}
		w.Team, w.Bot, w.Secrets.Token, w.State, w.Reason = who.Team, who.Bot, token, reminders.WorkspaceActive, ""
		return nil
	}, err
}

func (h handlers) UpdateWorkspace(ctx context.Context, r gen.UpdateWorkspaceRequestObject) (gen.UpdateWorkspaceResponseObject, error) {
	who, b := of(ctx), r.Body
	var token string
	put(&token, b.Token)
	if token != "" {
		if err := (reminders.Workspace{Name: "x",
			Secrets: reminders.WorkspaceSecrets{Token: token, Signing: "0000000000000000"}}).Check(); err != nil {
			return nil, err
		}
	}
	connect, err := h.connection(ctx, token)
	if err != nil {
		return nil, err
	}
	w, err := who.Store.UpdateWorkspace(ctx, who.Once, r.Workspace, who.Now, func(w *reminders.Workspace) error {
		put(&w.Name, b.Name)
		put(&w.Socket, b.SocketMode)
		put(&w.Trusted, b.Trusted)
		put(&w.OAuthID, b.ClientID)
		put(&w.Secrets.OAuth, b.ClientSecret)
		put(&w.Secrets.AppToken, b.AppToken)
		if b.SigningSecret != nil {
			w.Secrets.Rotate(*b.SigningSecret, h.cfg.Real())
		}
		if b.EndFormer {
			w.Secrets.EndFormer()
		}
		return connect(w)
	})
	return gen.UpdateWorkspace200JSONResponse{Body: showWorkspace(w),
		Headers: gen.UpdateWorkspace200ResponseHeaders{ETag: etag(w.Revision)}}, err
}

func (h handlers) RemoveWorkspace(ctx context.Context, r gen.RemoveWorkspaceRequestObject) (gen.RemoveWorkspaceResponseObject, error) {
	who := of(ctx)
	_, err := who.Store.UpdateWorkspace(ctx, who.Once, r.Workspace, who.Now,
		func(w *reminders.Workspace) error { w.State = reminders.WorkspaceRemoved; return nil })
	return gen.RemoveWorkspace204Response{}, err
}

// installable is for how long the address of an installation is good.
const installable = 10 * time.Minute

func (h handlers) InstallWorkspace(ctx context.Context, r gen.InstallWorkspaceRequestObject) (gen.InstallWorkspaceResponseObject, error) {
	who := of(ctx)
	w, err := who.Store.Workspace(ctx, r.Workspace)
	if err != nil {
		return nil, err
	}
	if w.OAuthID == "" {
		return nil, models.Refuse(models.Conflict, "client_id",
			"installation from a page needs the app's client_id and client_secret: add them, or connect with the app's token")
	}
	if w.Socket {
		return nil, models.Refuse(models.Conflict, "socket_mode",
			"in Socket Mode Slack cannot come back to this installation: connect with the app's token")
	}
	if w.Secrets.Signing == "" {
		return nil, models.Refuse(models.Conflict, "signing_secret",
			"installation needs the app's signing_secret first: without it nobody can tell whether a request is Slack's")
	}
	if _, err := h.cfg.Post.Manifest(w); err != nil {
		return nil, err // nor could Slack's browser find its way back
	}
	secret, expires := rand.Text(), h.cfg.Real().Add(installable)
	if err := who.Store.BeginInstall(ctx, who.Once, w.ID, secret, expires, who.Now); err != nil {
		return nil, err
	}
	return gen.InstallWorkspace200JSONResponse{URL: h.cfg.Post.InstallURL(w, secret), ExpiresAt: expires.UTC()}, nil
}

func (h handlers) GetManifest(ctx context.Context, r gen.GetManifestRequestObject) (gen.GetManifestResponseObject, error) {
	w, err := of(ctx).Store.Workspace(ctx, r.Workspace)
	if err != nil {
		return nil, err
	}
	text, err := h.cfg.Post.Manifest(w)
	return gen.GetManifest200JSONResponse{Yaml: text}, err
}

func (h handlers) BindPerson(ctx context.Context, r gen.BindPersonRequestObject) (gen.BindPersonResponseObject, error) {
	who := of(ctx)
	if err := h.cfg.Post.AskWho(ctx, who.Store, who.Once, r.Workspace, who.Target.Person, r.Body.User); err != nil {
		return nil, err
	}
	h.hurry(ctx)
	all, err := who.Store.Bindings(ctx, who.Target.ID)
	if err != nil {
		return nil, err
	}
	for _, b := range all {
		if b.Workspace == r.Workspace {
			return gen.BindPerson200JSONResponse(showBinding(b)), nil
		}
	}
	return nil, unknown("workspace", r.Workspace)
}

func (h handlers) UnbindPerson(ctx context.Context, r gen.UnbindPersonRequestObject) (gen.UnbindPersonResponseObject, error) {
	who := of(ctx)
	err := who.Store.Unbind(ctx, who.Once, who.Target.ID, r.Workspace, who.Now)
	if models.CodeOf(err) == models.NotFound && who.Actor.Role.Side() != models.SideFirm {
		err = who.nobodyIn(ctx, r.Workspace)
	}
	return gen.UnbindPerson204Response{}, err
}

// nobodyIn answers somebody who is not of the firm about a workspace in which their target has no account. It returns nil where the
// workspace is the firm's or that of the target's client: whom Slack knows there they do not learn. Any other is not there, and one of
// another client as little as one that nobody has.
func (who *caller) nobodyIn(ctx context.Context, workspace string) error {
	w, err := who.Store.Workspace(ctx, workspace)
	if models.CodeOf(err) == models.NotFound || err == nil && w.Client != "" && w.Client != who.Target.Client {
		return unknown("workspace", workspace)
	}
	return err
}

func (h handlers) GetClientChannel(ctx context.Context, r gen.GetClientChannelRequestObject) (gen.GetClientChannelResponseObject, error) {
	c, err := of(ctx).Store.ClientChannel(ctx, r.Client)
	return gen.GetClientChannel200JSONResponse{Workspace: c.Workspace, Channel: c.SlackChannel}, err
}

func (h handlers) SetClientChannel(ctx context.Context, r gen.SetClientChannelRequestObject) (gen.SetClientChannelResponseObject, error) {
	who, b := of(ctx), r.Body
	c, err := who.Store.SetClientChannel(ctx, who.Once, store.ClientChannel{Client: r.Client, Workspace: b.Workspace, SlackChannel: b.Channel},
		who.Now)
	return gen.SetClientChannel200JSONResponse{Workspace: c.Workspace, Channel: c.SlackChannel}, err
}
