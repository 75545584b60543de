// Package app is the one wiring of Tickmark: cmd/tickmark and cmd/tickmark-solo fill a Config and open it. They differ in
// values, never in path.
package app

import (
	"context"
	"crypto/tls"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"

	"tickmark/activities/post"
	"tickmark/models"
)

// A Config says what a process is to be and where its parts are. It is read once, in main.
type Config struct {
	Database  string // store.Open: "sqlite:<path>" or "postgres://…"
	Temporal  string // host:port of the frontend
	Namespace string
	// TemporalTLS encrypts the way to Temporal, with a certificate of our own where it has one. Nil: in the clear.
	TemporalTLS *tls.Config
	temporal    client.Options // what else TemporalFrom found
	Listen      string         // address of the API; empty: no API
	ListenBy    string         // the flag or variable that sets Listen, for sentences. Defaults to "--listen".
	Hosts       string         // by which the API is called beside its own address and PublicURL's host, separated by commas
	Proxies     string         // that are believed from where a request comes: addresses and networks, separated by commas
	Worker      bool           // carry engagements
	Status      string         // address at which operators ask how the process does; empty: none
	Migrate     bool           // bring the database up to date before use
	Role        string         // of PostgreSQL, which gets the rights that serve and worker need when the database is brought up to date
	// Connections are how many to the database this process keeps at most. Defaults to the store's.
	Connections int
	Clock       models.Clock  // engagement time; the zero Clock in production
	Cache       int           // workflows a worker keeps in memory. Defaults to 500.
	Rate        float64       // requests a second that one person may send in the long run, with all their tokens. Defaults to 50.
	Patient     time.Duration // how long a request may take before it is answered with 503; the API's 5 s when 0
	Log         *slog.Logger
	LogLevel    slog.Level // that the environment asks for, of the log that the program makes

	SecretKeys string    // seal the secrets of Slack apps and sign links: id=base64, separated by commas; empty: no Slack
	SlackURL   string    // of Slack's API; Slack itself when empty
	SMTP       string    // where mail goes, as in smtp://user:password@host:587; empty: none
	MailFrom   string    // whom mail is from
	PublicURL  string    // where people reach this installation; empty: messages have no links
	Pace       post.Pace // of deliveries; production's when zero

	Trial *Trial // what a test does to the parts; nil in production

	// PayloadKeys encrypt what workflow histories hold: id=base64, separated by commas. Without any they are in the clear.
	PayloadKeys string
}

// A Trial lets a test of a program do harm to its parts, which are quick to fail and to come back then.
type Trial struct {
	// Fault is called by each part, with its kind, at each sign of life, and may panic, fail or hang there.
	Fault func(ctx context.Context, kind string) error
	// Limit says within which time the parts of a kind are to give signs of life, instead of their own limit.
	Limit func(kind string, own time.Duration) time.Duration
}

// MessagingFrom reads from the environment how messages go out and by which hosts people come in: TICKMARK_SECRET_KEYS,
// TICKMARK_SLACK_URL, TICKMARK_SMTP, TICKMARK_MAIL_FROM, TICKMARK_PUBLIC_URL, TICKMARK_HOSTS and TICKMARK_PROXIES. What is not
// set stays as it is.
func (c *Config) MessagingFrom(getenv func(string) string) {
	for name, field := range map[string]*string{"SECRET_KEYS": &c.SecretKeys, "SLACK_URL": &c.SlackURL, "SMTP": &c.SMTP,
		"MAIL_FROM": &c.MailFrom, "PUBLIC_URL": &c.PublicURL, "HOSTS": &c.Hosts,
		"PROXIES": &c.Proxies} {
		if value := getenv("TICKMARK_" + name); value != "" {
			*field = value
		}
	}
}

// Defaults for what a Config leaves out.
const (
	defaultNamespace = "tickmark"
	defaultCache     = 500
)

// How often the keeper looks for engagements that nobody carries, and how late their wake must be, in real time.
const (
	keepEvery = 15 * time.Second
	keepAfter = 30 * time.Second
)
