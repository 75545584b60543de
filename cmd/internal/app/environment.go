package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/store"
)

// settings are the names of all variables that Tickmark reads, without TICKMARK_: of its parts, then of the command line, then of tests and
// of builds that fail on purpose.
var settings = []string{"DATABASE", "DATABASE_CONNECTIONS", "DATABASE_ROLE", "HOSTS", "LISTEN", "LOG_LEVEL", "MAIL_FROM", "NAMESPACE",
	"PAYLOAD_KEYS", "PROXIES", "PUBLIC_URL", "SECRET_KEYS", "SLACK_URL", "SMTP", "STATUS_LISTEN", "TEMPORAL",
	"TOKEN", "TOKEN_FILE", "URL",
	"FAILPOINTS", "FAILPOINTS_HIT", "FAILPOINTS_PATIENCE", "TEST_POSTGRES"}

const ourNames = "TICKMARK_"

// FromEnvironment returns what the parts of production are told by their environment: TICKMARK_DATABASE, TICKMARK_DATABASE_CONNECTIONS,
// TICKMARK_DATABASE_ROLE, TICKMARK_LOG_LEVEL, TICKMARK_PAYLOAD_KEYS, and what TemporalFrom and MessagingFrom read. It refuses values that
// cannot be, and logs names that begin like ours and are none.
func FromEnvironment(environ []string, log *slog.Logger) (Config, error) {
	getenv := func(name string) string { value, _ := environment(environ).LookupEnv(name); return value }
	cfg := Config{Database: getenv("TICKMARK_DATABASE"), Role: getenv("TICKMARK_DATABASE_ROLE"), PayloadKeys: getenv("TICKMARK_PAYLOAD_KEYS"),
		Log: log}
	for _, name := range unknown(environ) {
		log.Warn(name+" is no setting of Tickmark and changes nothing", "meant", nearest(name))
	}
	for _, name := range unknownOfTemporal(environ) {
		log.Warn(name+" is no setting that programs of Temporal read, and changes nothing", "meant", nearest(name))
	}
	if level := getenv("TICKMARK_LOG_LEVEL"); level != "" {
		known := false
		if cfg.LogLevel, known = logLevels[level]; !known {
			return cfg, fmt.Errorf("TICKMARK_LOG_LEVEL %q must be debug, info, warn or error", level)
		}
	}
	cfg.MessagingFrom(getenv)
	if cfg.MailFrom != "" && cfg.SMTP == "" {
		log.Warn("TICKMARK_MAIL_FROM is set and TICKMARK_SMTP is not: no mail is sent")
	}
	if err := cfg.TemporalFrom(environ); err != nil {
		return cfg, err
	}
	cfg.Temporal = cmp.Or(cfg.Temporal, "127.0.0.1:7233")
	if cfg.Database == "" {
		return cfg, fmt.Errorf("TICKMARK_DATABASE is not set: postgres://user:password@host/database, or sqlite:<path>")
	}
	if n := getenv("TICKMARK_DATABASE_CONNECTIONS"); n != "" {
		var err error
		if cfg.Connections, err = strconv.Atoi(n); err != nil || cfg.Connections < store.LeastConnections || cfg.Connections > mostConnections {
			return cfg, fmt.Errorf("TICKMARK_DATABASE_CONNECTIONS %q must be a number from %d to %d", n, store.LeastConnections, mostConnections)
		}
	}
	return cfg, nil
}

// logLevels are the levels of logs by their names.
var logLevels = map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}

// mostConnections is more than one process can use.
const mostConnections = 1000

// temporalSettings are the names of all variables that programs of Temporal read, without TEMPORAL_. Those that begin with temporalMeta
// bear names of their user's.
var temporalSettings = []string{"ADDRESS", "API_KEY", "CLIENT_AUTHORITY", "CODEC_AUTH", "CODEC_ENDPOINT", "CONFIG_FILE",
	"NAMESPACE", "PROFILE", "TLS", "TLS_CLIENT_CERT_DATA", "TLS_CLIENT_CERT_PATH", "TLS_CLIENT_KEY_DATA", "TLS_CLIENT_KEY_PATH",
	"TLS_DISABLE_HOST_VERIFICATION",
	"TLS_SERVER_CA_CERT_DATA", "TLS_SERVER_CA_CERT_PATH", "TLS_SERVER_NAME"}

const (
	temporalNames = "TEMPORAL_"
	temporalMeta  = "GRPC_META_"
)

// unknown returns the names of an environment that begin like ours and are none, sorted.
func unknown(environ []string) []string { return alien(environ, ourNames, settings, "") }

// unknownOfTemporal returns the names of an environment that begin like Temporal's and are none, sorted.
func unknownOfTemporal(environ []string) []string {
	return alien(environ, temporalNames, temporalSettings, temporalMeta)
}

// alien returns the names of an environment that begin with a prefix, and after it neither are known nor begin with what is free where
// that is not empty.
func alien(environ []string, prefix string, known []string, free string) (names []string) {
	for _, line := range environ {
		name, _, _ := strings.Cut(line, "=")
		rest, is := strings.CutPrefix(name, prefix)
		if is && !slices.Contains(known, rest) && (free == "" || !strings.HasPrefix(rest, free)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// nearest returns the setting that is spelled most like a name.
func nearest(name string) string {
	prefix, known := ourNames, settings
	if strings.HasPrefix(name, temporalNames) {
		prefix, known = temporalNames, temporalSettings
	}
	word := strings.TrimPrefix(name, prefix)
	return prefix + slices.MinFunc(known, func(a, b string) int { return cmp.Compare(models.Distance(word, a), models.Distance(word, b)) })
}

// openDatabase opens the database, brings it up to date if that is asked for, and then gives a role its rights.
func (a *App) openDatabase(ctx context.Context) (err error) {
	if a.Root, err = store.Open(a.cfg.Database); err != nil {
		return err
	}
	if a.cfg.Connections > 0 {
		if err := a.Root.Connections(a.cfg.Connections); err != nil {
			return err
		}
	}
	if !a.cfg.Migrate {
		return nil
	}
	if err := a.Root.Barred(ctx); err != nil {
		return err
	}
	if a.was, err = a.Root.Version(ctx); err != nil {
		return err
	}
	if err := a.Root.Migrate(ctx); err != nil || a.cfg.Role == "" {
		return err
	}
	return a.Root.Grant(ctx, a.cfg.Role)
}

// Migrated says for people what Open did to a database that it was to bring up to date.
func (a *App) Migrated() string {
	if a.was.Database == a.was.Program {
		return fmt.Sprintf("the database is at version %d: it was already current", a.was.Program)
	}
	return fmt.Sprintf("the database is at version %d: it was brought there from version %d", a.was.Program, a.was.Database)
}

// Told returns what an error says to whoever runs Tickmark: of a refusal its sentence alone, and of a database that could not be had also
// why.
func Told(err error) error {
	refusal, ok := errors.AsType[*models.Error](err)
	if !ok {
		return err
	}
	if why := store.Why(err); why != "" {
		return models.Refuse(refusal.Code, refusal.Field, "%s (%s)", refusal.Message, why)
	}
	return refusal
}

// checkFor is how long Check waits for the database: what does not answer may pass, and does not hold a start up.
const checkFor = 5 * time.Second

// Check is for production, after Open: it refuses a start that waiting would not help, since the database will not be had as it is named,
// or its role lacks rights. It logs it when that role could do away with the record, and when the way to the database is open to others.
func (a *App) Check(ctx context.Context) error {
	if a.Root.Exposed() {
		a.cfg.Log.Warn("others on the way may read what is said to the database, or answer in its place: add sslmode=verify-full to " +
			"TICKMARK_DATABASE")
	}
	ctx, cancel := context.WithTimeout(ctx, checkFor)
	defer cancel()
	if err := a.Root.Barred(ctx); err != nil {
		return err
	}
	if v, err := a.Root.Version(ctx); err == nil && v.Database < v.Program {
		a.cfg.Log.Warn("the database is older than this program: nothing is carried out until tickmark migrate has been run",
			"version", v.Database, "needed", v.Program)
	}
	rights, err := a.Root.Rights(ctx)
	switch {
	case err != nil:
		return nil // nobody answers, or there are no tables yet: it is waited for
	case rights.Lacks != "":
		return fmt.Errorf("the user in TICKMARK_DATABASE lacks rights to the table %s: tickmark migrate --role gives them", rights.Lacks)
	case rights.Spoils && !strings.HasPrefix(a.cfg.Database, "sqlite:"):
		a.cfg.Log.Warn("the user in TICKMARK_DATABASE could change and delete what is only added to: serve and worker need one that " +
			"tickmark migrate --role has given its rights")
	}
	return nil
}
