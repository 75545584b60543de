package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

type workspaceRow struct {
	FirmID   string `gorm:"primaryKey"`
	ID       string `gorm:"primaryKey"`
	ClientID string
	Name     string
	Socket   bool
	Trusted  bool
	TeamID   string
	AppID    string
	BotUser  string
	OAuthID  string `gorm:"column:oauth_id"`
	Secrets  string
	State    string
	Reason   string
	StateAt  int64
	TypedAt  int64
	LookAt   int64
	Created  int64 `gorm:"column:created_at"`
	Revision int64
}

func (workspaceRow) TableName() string { return "workspaces" }

// errNoKeys says that the program has no keys to seal secrets with.
var errNoKeys = models.Refuse(models.Conflict, "", "this server has no keys to keep secrets with: set TICKMARK_SECRET_KEYS")

func sealedFor(firm, workspace string) string { return "tickmark/workspace/" + firm + "/" + workspace }

func (s *Store) workspaceOf(w reminders.Workspace) (workspaceRow, error) {
	row := workspaceRow{FirmID: string(s.firm), ID: w.ID, ClientID: string(w.Client), Name: w.Name, Socket: w.Socket, Trusted: w.Trusted,
		TeamID: w.Team, AppID: w.App,
		BotUser: w.Bot, OAuthID: w.OAuthID, State: string(w.State), Reason: w.Reason, StateAt: micros(w.StateAt), TypedAt: micros(w.TypedAt),
		Created:  micros(w.CreatedAt),
		Revision: w.Revision}
	if s.root.Keys == nil {
		return row, errNoKeys
	}
	text, err := json.Marshal(w.Secrets)
	if err != nil {
		return row, err
	}
	row.Secrets = s.root.Keys.SealText(string(text), sealedFor(row.FirmID, row.ID))
	return row, nil
}

func (r *Root) workspace(row workspaceRow) (reminders.Workspace, error) {
	w := reminders.Workspace{Firm: models.FirmID(row.FirmID), ID: row.ID, Client: models.ClientID(row.ClientID), Name: row.Name,
		Socket: row.Socket, Trusted: row.Trusted,
		Team: row.TeamID, App: row.AppID, Bot: row.BotUser, OAuthID: row.OAuthID, State: reminders.WorkspaceState(row.State), Reason: row.Reason,
		StateAt: instant(row.StateAt), TypedAt: instant(row.TypedAt), CreatedAt: instant(row.Created), Revision: row.Revision}
	if r.Keys == nil {
		return w, errNoKeys
	}
	text, err := r.Keys.OpenText(row.Secrets, sealedFor(row.FirmID, row.ID))
	if err != nil { // the key is lost, or not here: one can say so, remove the workspace, or connect it anew
		w.Locked = true
		if w.State == reminders.WorkspaceActive {
			w.State, w.Reason = reminders.WorkspaceDisconnected,
				"the key with which its secrets were kept is lost, or missing in TICKMARK_SECRET_KEYS: else connect it with its secrets again"
		}
		return w, nil
	}
	return w, json.Unmarshal([]byte(text), &w.Secrets)
}

// Workspace returns a Slack workspace of the firm, with its secrets.
func (s *Store) Workspace(ctx context.Context, id string) (reminders.Workspace, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return reminders.Workspace{}, err
	}
	return s.readWorkspace(db, id)
}

func (s *Store) readWorkspace(tx *gorm.DB, id string) (reminders.Workspace, error) {
	var row workspaceRow
	err := tx.Where("firm_id = ? AND id = ? AND state <> 'removed'", string(s.firm), id).Take(&row).Error
	switch {
	case missing(err):
		return reminders.Workspace{}, models.Refuse(models.NotFound, "workspace", "there is no Slack workspace %.60q", id)
	case err != nil:
		return reminders.Workspace{}, fail("read a workspace", err)
	}
	return s.root.workspace(row)
}

// hasWorkspace refuses (not found) a workspace that is not there. It needs no keys.
func (s *Store) hasWorkspace(tx *gorm.DB, id string) error {
	var n int64
	err := tx.Model(&workspaceRow{}).Where("firm_id = ? AND id = ? AND state <> 'removed'", string(s.firm), id).Count(&n).Error
	if err == nil && n == 0 {
		err = models.Refuse(models.NotFound, "workspace", "there is no Slack workspace %.60q", id)
	}
	return err
}

// Workspaces returns the firm's Slack workspaces, its own first.
func (s *Store) Workspaces(ctx context.Context) ([]reminders.Workspace, error) {
	return s.root.workspaces(ctx, "firm_id = ? AND state <> 'removed'", string(s.firm))
}

// SocketWorkspaces returns the workspaces of all firms that are asked by Socket Mode. It is for those who run Tickmark.
func (r *Root) SocketWorkspaces(ctx context.Context) ([]reminders.Workspace, error) {
	if r.Keys == nil {
		return nil, nil
	}
	return r.workspaces(ctx, "socket AND state = 'active' AND firm_id <> ''")
}

func (r *Root) workspaces(ctx context.Context, where string, args ...any) ([]reminders.Workspace, error) {
	db, err := r.query(ctx)
	if err != nil {
		return nil, err
	}
	var rows []workspaceRow
	if err := db.Where(where, args...).Order("firm_id, client_id, id").Find(&rows).Error; err != nil {
		return nil, fail("list the workspaces", err)
	}
	out := make([]reminders.Workspace, len(rows))
	for i := range rows {
		if out[i], err = r.workspace(rows[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// LockedWorkspaces returns of how many Slack workspaces, of all firms, the secrets that are kept cannot be opened with the keys that this
// process has. It is for those who run Tickmark.
func (r *Root) LockedWorkspaces(ctx context.Context) (locked int, err error) {
	db, err := r.query(ctx)
	if err != nil {
		return 0, err
	}
	var rows []workspaceRow
	err = db.Select("firm_id", "id", "secrets").Where("firm_id <> '' AND state <> 'removed' AND secrets <> ''").Find(&rows).Error
	if err != nil {
		return 0, fail("look at the secrets of workspaces", err)
	}
	for _, row := range rows {
		if r.Keys == nil {
			locked++
		} else if _, err := r.Keys.OpenText(row.Secrets, sealedFor(row.FirmID, row.ID)); err != nil {
			locked++
		}
	}
	return locked, nil
}

// AddWorkspace adds a Slack workspace: its app's secrets, before it is installed. It refuses one that cannot be (invalid), a client
// who is not there (invalid), a second one for the firm or the same client (conflict), and a key that came with another request.
func (s *Store) AddWorkspace(ctx context.Context, once Once, w reminders.Workspace, now time.Time) (reminders.Workspace, error) {
	w.Firm, w.State, w.StateAt, w.CreatedAt, w.Revision = s.firm, reminders.WorkspacePending, instant(micros(now)), instant(micros(now)), 1
	if w.ID == "" {
		w.ID = newID("w")
	}
	secrets := w.Secrets
	added, err := recorded(ctx, s, "add a workspace", once, now, func(tx *gorm.DB, rec *record) (reminders.Workspace, error) {
		if err := models.CheckID("id", w.ID); err != nil {
			return w, err
		}
		if err := w.Check(); err != nil {
			return w, err
		}
		if w.Client != "" {
			if _, err := s.readClient(tx, w.Client); err != nil {
				return w, orRefuse(err, models.Invalid, "client", "there is no client %.80q", string(w.Client))
			}
		}
		row, err := s.workspaceOf(w)
		if err != nil {
			return w, err
		}
		rec.add("workspace.added", w.ID, "client", "", string(w.Client))
		recordSecrets(rec, w.ID, reminders.WorkspaceSecrets{}, secrets)
		if err := s.clear(tx, w.ID); err != nil {
			return w, err
		}
		err = taken(tx.Create(&row).Error, "client", "there is a Slack workspace for %s already: change that one",
			firstText(string(w.Client), "the firm"))
		w.Secrets = reminders.WorkspaceSecrets{} // what is kept with the key is in the clear
		return w, err
	})
	added.Secrets = secrets
	return added, err
}

// clear makes room for a workspace where one was removed, with all that was known of people there. Its deliveries stay.
func (s *Store) clear(tx *gorm.DB, id string) error {
	var gone int64
	if err := tx.Model(&workspaceRow{}).Where("firm_id = ? AND id = ? AND state = 'removed'", string(s.firm),
		id).Count(&gone).Error; err != nil || gone == 0 {
		return fail("look for a removed workspace", err)
	}
	for _, table := range []string{"bindings", "client_channels", "installs", "inbound", "doubts"} {
		if err := tx.Exec("DELETE FROM "+table+" WHERE firm_id = ? AND workspace_id = ?", string(s.firm), id).Error; err != nil {
			return fail("clear a removed workspace", err)
		}
	}
	return fail("clear a removed workspace", tx.Exec("DELETE FROM workspaces WHERE firm_id = ? AND id = ?", string(s.firm), id).Error)
}

func firstText(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// errLocked refuses to change a workspace whose secrets cannot be opened: they would be sealed anew without what they hold.
var errLocked = models.Refuse(models.Conflict, "secrets", "the secrets of this workspace cannot be opened: the key with which they were "+
	"kept is missing in TICKMARK_SECRET_KEYS of this server. Put it there, or give all secrets of the workspace again, the bot token "+
	"among them")

// UpdateWorkspace changes a workspace as edit does; its client stays. It refuses what edit refuses, one whose secrets cannot be opened,
// unless it gives them anew or removes the workspace (conflict), a workspace that cannot be (invalid), a team that another firm's app
// is active in already (conflict), a revision that is not once.IfRevision (stale), a key
// that came with another request, and one that is not there. Its people are looked up again when it becomes another team.
func (s *Store) UpdateWorkspace(ctx context.Context, once Once, id string, now time.Time,
	edit func(*reminders.Workspace) error) (reminders.Workspace, error) {
	var secrets reminders.WorkspaceSecrets
	w, err := recorded(ctx, s, "change a workspace", once, now, func(tx *gorm.DB, rec *record) (w reminders.Workspace, err error) {
		was, err := s.readWorkspace(tx, id)
		if err != nil {
			return w, err
		}
		if err := once.stale("the workspace", was.Revision); err != nil {
			return w, err
		}
		w = was
		if err := edit(&w); err != nil {
			return w, err
		}
		w.Firm, w.ID, w.Client, w.Revision, w.CreatedAt = was.Firm, was.ID, was.Client, was.Revision, was.CreatedAt
		if w.Locked && w.State != reminders.WorkspaceRemoved && w.Secrets.Token == "" {
			return w, errLocked
		}
		w.Locked = false
		if w.State == reminders.WorkspaceRemoved {
			w.Secrets = reminders.WorkspaceSecrets{} // nobody needs them any more
		} else if err := w.Check(); err != nil {
			return w, err
		}
		if was.State != w.State {
			w.StateAt = instant(micros(now))
		}
		recordWorkspace(rec, was, w)
		secrets = w.Secrets
		if len(rec.events) == 0 {
			w.Secrets = reminders.WorkspaceSecrets{}
			return w, nil
		}
		w.Revision++
		row, err := s.workspaceOf(w)
		if err != nil {
			return w, err
		}
		w.Secrets = reminders.WorkspaceSecrets{}
		if was.Team != w.Team && was.Team != "" || w.State == reminders.WorkspaceRemoved {
			if err := tx.Where("firm_id = ? AND workspace_id = ?", string(s.firm), id).Delete(&bindingRow{}).Error; err != nil {
				return w, fail("forget who is who in a workspace", err)
			}
			if err := tx.Where("firm_id = ? AND workspace_id = ?", string(s.firm), id).Delete(&doubtRow{}).Error; err != nil {
				return w, fail("forget what was doubted in a workspace", err)
			}
		}
		if was.Secrets.Token != w.Secrets.Token || was.State != w.State { // what was said of the app before is over
			if err := s.trust(tx, id, ""); err != nil {
				return w, fail("end a doubt", err)
			}
		}
		err = tx.Model(&row).Select("*").Omit("firm_id", "id", "client_id", "created_at").Updates(&row).Error // and people are looked for anew
		return w, taken(err, "token", "this Slack workspace is connected already, to this or another firm: remove it there first")
	})
	w.Secrets = secrets
	return w, err
}

// Typed notes that something that somebody typed to the app of a workspace came from there: at most once a day, so that an administrator
// sees whether such things come at all.
func (s *Store) Typed(ctx context.Context, id string, now time.Time) error {
	return s.root.write(ctx, "note that something was typed", func(tx *gorm.DB) error {
		return tx.Exec("UPDATE workspaces SET typed_at = ? WHERE firm_id = ? AND id = ? AND typed_at < ?", micros(now), string(s.firm), id,
			micros(now.Add(-24*time.Hour))).Error
	})
}

// recordSecrets records which secrets of a workspace were set, changed or removed, by the names that the API has for them; never what
// they are.
func recordSecrets(rec *record, id string, was, is reminders.WorkspaceSecrets) {
	for _, x := range []struct{ field, was, is string }{{"token", was.Token, is.Token}, {"signing_secret", was.Signing, is.Signing},
		{"client_secret", was.OAuth, is.OAuth}, {"app_token", was.AppToken, is.AppToken}} {
		became := "changed"
		switch {
		case x.was == x.is:
			continue
		case x.was == "":
			became = "set"
		case x.is == "":
			became = "removed"
		}
		rec.add("workspace.updated", id, x.field, "", became)
	}
	switch { // a rotation says it by the present one
	case was.Signing != is.Signing:
	case was.OldSigning != is.OldSigning:
		rec.add("workspace.updated", id, "former_signing_secret", "", "removed")
	case was.OldUntil != is.OldUntil:
		rec.add("workspace.updated", id, "former_signing_secret", "", "limited")
	}
}

// recordWorkspace records what has changed, field by field; of secrets only that they did.
func recordWorkspace(rec *record, was, w reminders.Workspace) {
	id := w.ID
	rec.changed("workspace.updated", id, "name", was.Name, w.Name)
	rec.changed("workspace.updated", id, "socket", models.YesNo(was.Socket), models.YesNo(w.Socket))
	rec.changed("workspace.updated", id, "trusted", models.YesNo(was.Trusted), models.YesNo(w.Trusted))
	rec.changed("workspace.updated", id, "team", was.Team, w.Team)
	rec.changed("workspace.updated", id, "client_id", was.OAuthID, w.OAuthID)
	recordSecrets(rec, id, was.Secrets, w.Secrets)
	if was.State != w.State {
		rec.add("workspace."+string(w.State), id, "state", string(was.State), string(w.State))
	}
}

// Disconnect notes that the app of an active workspace cannot be used any more. One that is not active stays as it is. Slack is asked again
// whether it can.
func (s *Store) Disconnect(ctx context.Context, id, reason string, now time.Time) error {
	_, err := recorded(ctx, s, "note a disconnected workspace", Once{}, now, func(tx *gorm.DB, rec *record) (struct{}, error) {
		done := tx.Model(&workspaceRow{}).Where("firm_id = ? AND id = ? AND state = 'active'", string(s.firm), id).
			Updates(map[string]any{"state": string(reminders.WorkspaceDisconnected), "reason": reason, "state_at": micros(now),
				"revision": gorm.Expr("revision + 1")})
		if done.Error != nil || done.RowsAffected == 0 {
			return struct{}{}, done.Error
		}
		rec.add("workspace.disconnected", id, "state", string(reminders.WorkspaceActive), reason)
		return struct{}{}, s.suspect(tx, Doubt{Workspace: id, Reason: reason}, "", firstDoubt)
	})
	return err
}

// Reconnect notes that the app of a disconnected workspace can be used again, as Slack says. One that is not disconnected stays as it is.
// It refuses (conflict) a team in which another firm's app has become active meanwhile.
func (s *Store) Reconnect(ctx context.Context, id string, now time.Time) error {
	_, err := recorded(ctx, s, "note a connected workspace", Once{}, now, func(tx *gorm.DB, rec *record) (struct{}, error) {
		done := tx.Model(&workspaceRow{}).Where("firm_id = ? AND id = ? AND state = 'disconnected'", string(s.firm), id).
			Updates(map[string]any{"state": string(reminders.WorkspaceActive), "reason": "", "state_at": micros(now),
				"revision": gorm.Expr("revision + 1")})
		if done.Error != nil {
			return struct{}{}, taken(done.Error, "workspace", "this Slack workspace is connected to another firm")
		}
		if done.RowsAffected == 1 {
			rec.add("workspace.active", id, "state", string(reminders.WorkspaceDisconnected), string(reminders.WorkspaceActive))
		}
		return struct{}{}, s.trust(tx, id, "")
	})
	return err
}

type installRow struct {
	Hash        string `gorm:"primaryKey"`
	FirmID      string
	WorkspaceID string
	PersonID    string
	ExpiresAt   int64
	UsedAt      int64
	Cookie      string
}

func (installRow) TableName() string { return "installs" }

// The secrets of an installation: one kind is never taken for another.
const (
	installSecret = "secret"
	installState  = "state"
	installCookie = "cookie"
)

// hashInstall returns what is kept of a secret of an installation.
func hashInstall(kind, secret string) string {
	sum := sha256.Sum256([]byte("tickmark install\x00" + kind + "\x00" + secret))
	return hex.EncodeToString(sum[:])
}

// begunInstalls finds what was begun for a workspace by somebody who is active and still may, is not used up and has not expired at now, by
// the machine's time.
func (s *Store) begunInstalls(tx *gorm.DB, workspace string, now time.Time) *gorm.DB {
	may := models.Keep(models.Roles, func(r models.Role) bool { return engagement.ReachOf(r, "installWorkspace") != engagement.ReachNone })
	return tx.Model(&installRow{}).Where("firm_id = ? AND workspace_id = ? AND used_at = 0 AND expires_at > ? AND person_id IN "+
		"(SELECT id FROM people WHERE firm_id = ? AND active AND role IN ?)", string(s.firm), workspace, micros(now), string(s.firm), may)
}

// errInstallAddress says that the address of an installation is good for nothing. It does not say why.
var errInstallAddress = models.Refuse(models.Forbidden, "secret",
	"this address is not valid, was used before, or is older than ten minutes: the command tickmark slack install prints another")

// BeginInstall notes the secret of an address at which an installation begins that somebody asks for now: it is good until expires, once,
// by the machine's time. A secret is another one every time, so it takes no key.
func (s *Store) BeginInstall(ctx context.Context, once Once, workspace, secret string, expires, now time.Time) error {
	once.Key, once.Hash = "", "" // each begins anew
	_, err := recorded(ctx, s, "begin an installation", once, now, func(tx *gorm.DB, rec *record) (struct{}, error) {
		if _, err := s.readWorkspace(tx, workspace); err != nil {
			return struct{}{}, err
		}
		rec.add("workspace.install_begun", workspace, "", "", "")
		return struct{}{}, tx.Create(&installRow{Hash: hashInstall(installSecret, secret), FirmID: string(s.firm), WorkspaceID: workspace,
			PersonID: string(once.Actor), ExpiresAt: micros(expires)}).Error
	})
	return err
}

// InstallBegun refuses (forbidden) a secret that was not given for this workspace, is used or expired: always in the same words. It changes
// nothing.
func (s *Store) InstallBegun(ctx context.Context, workspace, secret string, now time.Time) error {
	db, err := s.root.query(ctx)
	if err != nil {
		return err
	}
	var n int64
	err = s.begunInstalls(db, workspace, now).Where("hash = ? AND cookie = ''", hashInstall(installSecret, secret)).Count(&n).Error
	if err != nil {
		return fail("read an installation", err)
	}
	if n == 0 {
		return errInstallAddress
	}
	return nil
}

// An InstallReturn is with what somebody comes back from Slack.
type InstallReturn struct {
	State   string    // which is in the address
	Cookie  string    // which the browser has
	Expires time.Time // by the machine's time; until then it is good, once
}

// ContinueInstall uses up the secret of an installation and notes with what its browser will come back from Slack. It refuses as
// InstallBegun does.
func (s *Store) ContinueInstall(ctx context.Context, workspace, secret string, back InstallReturn, now time.Time) error {
	return s.root.write(ctx, "go on with an installation", func(tx *gorm.DB) error {
		done := s.begunInstalls(tx, workspace, now).Where("hash = ? AND cookie = ''", hashInstall(installSecret, secret)).
			Updates(map[string]any{"hash": hashInstall(installState, back.State), "cookie": hashInstall(installCookie, back.Cookie),
				"expires_at": micros(back.Expires)})
		if done.Error == nil && done.RowsAffected == 0 {
			return errInstallAddress
		}
		return done.Error
	})
}

// EndInstall uses up the state of an installation and returns who asked for it. It refuses (forbidden) a state that was not given for this
// workspace and the browser with this cookie, is used or expired: always in the same words, and nothing is used up by it.
func (s *Store) EndInstall(ctx context.Context, workspace, state, cookie string, now time.Time) (models.PersonID, error) {
	var row installRow
	err := s.root.write(ctx, "end an installation", func(tx *gorm.DB) error {
		err := s.begunInstalls(tx, workspace, now).Clauses(lock).Where("hash = ? AND cookie = ?", hashInstall(installState, state),
			hashInstall(installCookie, cookie)).Take(&row).Error
		switch {
		case missing(err):
			return models.Refuse(models.Forbidden, "state", "this installation was not begun in this browser, has ended already, or is older than "+
				"ten minutes: begin it again at an address that the command tickmark slack install prints")
		case err != nil:
			return err
		}
		return tx.Model(&row).Update("used_at", micros(now)).Error
	})
	return models.PersonID(row.PersonID), err
}

type channelRow struct {
	FirmID      string `gorm:"primaryKey"`
	ClientID    string `gorm:"primaryKey"`
	WorkspaceID string
	Channel     string
}

func (channelRow) TableName() string { return "client_channels" }

// A ClientChannel is the Slack channel in which a client's people are sent, once a week, how much is open: counts only.
type ClientChannel struct {
	Client       models.ClientID
	Workspace    string
	SlackChannel string `json:"Channel"` // empty: none; answers to idempotency keys call it so since the first release
}

// ClientChannel returns the channel of a client; without a channel when it has none.
func (s *Store) ClientChannel(ctx context.Context, id models.ClientID) (ClientChannel, error) {
	db, err := s.root.query(ctx)
	if err != nil {
		return ClientChannel{}, err
	}
	if _, err := s.readClient(db, id); err != nil {
		return ClientChannel{}, err
	}
	var row channelRow
	err = db.Where("firm_id = ? AND client_id = ?", string(s.firm), string(id)).Take(&row).Error
	if err != nil && !missing(err) {
		return ClientChannel{}, fail("read the channel of a client", err)
	}
	return ClientChannel{id, row.WorkspaceID, row.Channel}, nil
}

// SetClientChannel says in which channel a client's people hear how much is open; an empty one ends it. It refuses a channel that
// cannot be, a workspace that is neither the firm's nor this client's (invalid), and a client who is not there.
func (s *Store) SetClientChannel(ctx context.Context, once Once, c ClientChannel, now time.Time) (ClientChannel, error) {
	return recorded(ctx, s, "set the channel of a client", once, now, func(tx *gorm.DB, rec *record) (ClientChannel, error) {
		if _, err := s.readClient(tx, c.Client); err != nil {
			return c, err
		}
		rec.add("client.channel", string(c.Client), "channel", "", c.SlackChannel)
		if c.SlackChannel == "" {
			return ClientChannel{Client: c.Client},
				tx.Where("firm_id = ? AND client_id = ?", string(s.firm), string(c.Client)).Delete(&channelRow{}).Error
		}
		if err := reminders.CheckSlackChannel("channel", c.SlackChannel); err != nil {
			return c, err
		}
		w, err := s.readWorkspace(tx, c.Workspace)
		if err != nil || w.Client != "" && w.Client != c.Client {
			return c, orRefuse(err, models.Invalid, "workspace", "workspace %.60q is neither the firm's nor this client's", c.Workspace)
		}
		return c, upsert(tx, []channelRow{{string(s.firm), string(c.Client), c.Workspace, c.SlackChannel}})
	})
}

// RenameChannel notes that Slack has given a channel another id: what was sent there is edited and answered in it.
func (s *Store) RenameChannel(ctx context.Context, workspace, old, now string) error {
	if reminders.CheckSlackChannel("channel", now) != nil {
		return nil
	}
	return s.root.write(ctx, "note another id of a channel", func(tx *gorm.DB) error {
		for _, table := range []string{"client_channels", "messaging", "bindings"} {
			err := tx.Exec("UPDATE "+table+" SET channel = ? WHERE firm_id = ? AND workspace_id = ? AND channel = ?", now, string(s.firm),
				workspace, old).Error
			if err != nil {
				return err
			}
		}
		return tx.Exec("UPDATE deliveries SET dest = ? WHERE firm_id = ? AND workspace_id = ? AND channel = 'slack' AND dest = ?", now,
			string(s.firm), workspace, old).Error
	})
}
