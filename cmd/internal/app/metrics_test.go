package app

import (
	"database/sql"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/activities/fake/town"
	"tickmark/models/modelstest/await"
	"tickmark/models/seal"
	"tickmark/models/store"
)

// What a server and a worker lack is named by both, and by nobody any more when it is there again: Temporal, its namespace, its search
// attribute, and workers. Commands are carried out all the while: the server is ready. The worker is not, as long as it cannot work.
func TestWhatIsMissingIsNamed(t *testing.T) {
	in := install(t)
	status := func() string { return "http://" + statusAddress(in.worker) }
	lacks := func(what, part string, worker int) {
		t.Helper()
		var last string
		await.Until(t, what, func() bool {
			code, server, text := in.ready()
			state, own, _ := ask(t.Context(), status()+"/readyz")
			last = text
			if part == "" {
				return code == http.StatusOK && len(server.Missing) == 1 && state == worker // the mail server
			}
			return code == http.StatusOK && isNamed(server, part) && state == worker && isNamed(own, part)
		}, func() string { return last })
		if code := in.command(); code != http.StatusOK {
			t.Errorf("%s: a command is answered %d %s", what, code, in.answer)
		}
	}
	lacks("all is there", "", http.StatusOK)
	in.temporal.noNamespace.Store(true)
	lacks("the namespace is gone", "temporal_namespace", http.StatusServiceUnavailable)
	in.temporal.noNamespace.Store(false)
	in.temporal.noAttribute.Store(true)
	lacks("the search attribute is gone", "temporal_attribute", http.StatusServiceUnavailable)
	in.temporal.noAttribute.Store(false)
	lacks("all is there again", "", http.StatusOK)
	in.temporal.stop()
	lacks("Temporal is away", "temporal", http.StatusServiceUnavailable)
	in.temporal.start()
	lacks("Temporal is back", "", http.StatusOK)
}

// A worker is killed, and Temporal remembers for minutes that it asked for work. The server names it as soon as it has missed two signs of
// life: the database's clock says so, whatever those of the machines say.
func TestAWorkerThatWasKilledIsNamed(t *testing.T) {
	in := install(t)
	in.harm.Store(newHarm("signs of life", byHang)) // as if it were dead
	db, err := sql.Open("sqlite", strings.TrimPrefix(in.w.DSN, "sqlite:"))
	town.Check(t, err)
	t.Cleanup(func() { _ = db.Close() })
	_, err = db.ExecContext(t.Context(), "UPDATE processes SET seen = seen - ?", unseen.Microseconds())
	town.Check(t, err)
	await.Until(t, "the worker is missed", func() bool {
		code, state, _ := in.ready()
		return code == http.StatusOK && isNamed(state, workerPart)
	}, func() string { _, _, text := in.ready(); return text })
}

// A process is started without the keys with which the secrets of Northgate's and the firm's Slack were sealed, or with others. It says so
// in one line of its log that names the variable; operators find it in /readyz and the metrics, and Marta in the health of messages.
// Commands are carried out, so it is ready.
func TestSecretsThatDoNotOpenAreNamed(t *testing.T) {
	for name, keys := range map[string]string{"no key": "", "another key": seal.NewKey("k"), "a key of another name": seal.NewKey("2026")} {
		t.Run(name, func(t *testing.T) {
			in := install(t)
			var log spoken
			cfg := in.serve.cfg
			cfg.Listen, cfg.SecretKeys, cfg.Log = "127.0.0.1:0", keys, slog.New(slog.NewJSONHandler(&log, nil))
			a := in.open(cfg)
			in.run(a)
			var text string
			await.Until(t, "both servers name it", func() bool {
				code, own, _ := ask(t.Context(), "http://"+statusAddress(a)+"/readyz")
				other, theirs, of := in.ready()
				text = of
				return code == http.StatusOK && isNamed(own, "secrets") && other == http.StatusOK && isNamed(theirs, "secrets")
			}, func() string { return text })
			if !strings.Contains(text, "in another process: it cannot open secrets") {
				t.Errorf("the other server says %s", text)
			}
			if _, _, text := ask(t.Context(), "http://"+statusAddress(a)+"/metrics"); !strings.Contains(text, "\ntickmark_locked_workspaces 2\n") ||
				!strings.Contains(text, `tickmark_missing{part="secrets"} 1`) {
				t.Errorf("the metrics are\n%s", text)
			}
			_, _, text = ask(t.Context(), "http://"+statusAddress(in.serve)+"/metrics")
			if !strings.Contains(text, "\ntickmark_locked_workspaces 0\n") {
				t.Errorf("those of a process that has the key are\n%s", text)
			}
			in.serve = a
			if code, health := in.health(); code != http.StatusOK || !strings.Contains(health, "TICKMARK_SECRET_KEYS") {
				t.Errorf("the health of messages: %d %s", code, health)
			}
			if code := in.command(); code != http.StatusOK {
				t.Errorf("a command is answered %d %s", code, in.answer)
			}
			said := log.all()
			if n := strings.Count(said, "TICKMARK_SECRET_KEYS"); n != 1 || !strings.Contains(said, `"level":"ERROR"`) {
				t.Errorf("it is logged %d times:\n%s", n, said)
			}
		})
	}
}

// health asks, as Marta, how messages do. It returns the status of the answer, 0 when nobody answers, and its body.
func (in *installation) health() (int, string) {
	req, err := http.NewRequestWithContext(in.Context(), http.MethodGet, "http://"+in.serve.Address()+"/api/v1/messaging/health", nil)
	town.Check(in, err)
	req.Header.Set("Authorization", "Bearer "+in.token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = res.Body.Close() }()
	text, _ := io.ReadAll(res.Body) // what is there of it
	return res.StatusCode, string(text)
}

// What a part's failure means is said of the process that it is in, whoever asks which: another process says it with these words.
func TestWhatIsMissingIsSaidOfAnyProcess(t *testing.T) {
	in := install(t)
	for _, a := range []*App{in.serve, in.worker} {
		for _, p := range a.list() {
			if strings.Contains(p.without, "this process") || strings.Contains(p.without, "this one") {
				t.Errorf("in another process it would be said of %s: %s", p.kind, p.without)
			}
		}
	}
}

// A database that can only be read, or is gone: neither a server nor a worker is ready, and that is all that is said.
func TestNobodyIsReadyWithoutADatabase(t *testing.T) {
	in := install(t)
	for _, a := range []*App{in.serve, in.worker} {
		if err := a.Root.Close(); err != nil {
			t.Fatal(err)
		}
		code, state, _ := ask(t.Context(), "http://"+statusAddress(a)+"/readyz")
		if code != http.StatusServiceUnavailable || !isNamed(state, databasePart) {
			t.Errorf("%d %+v", code, state)
		}
		if code, _, _ := ask(t.Context(), "http://"+statusAddress(a)+"/healthz"); code != http.StatusOK {
			t.Errorf("it lives, and says %d", code)
		}
	}
	if code, _, text := in.ready(); code != http.StatusServiceUnavailable || !strings.Contains(text, `"field":"database"`) {
		t.Errorf("the server's port: %d %s", code, text)
	}
}

// While a release is on its way the database is newer than the processes of before, or older than those that came too early. Each of them
// says so, at both its ports, and what is to be done; a row that cannot be written is another trouble.
func TestAReleaseIsNamed(t *testing.T) {
	in := install(t)
	db, err := sql.Open("sqlite", strings.Replace(in.w.DSN, "sqlite:", "file:", 1)+"?_pragma=busy_timeout(5000)")
	town.Check(t, err)
	t.Cleanup(func() { _ = db.Close() })
	for _, c := range []struct{ by, end, want string }{
		{"INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)", "DELETE FROM goose_db_version WHERE version_id = 99999",
			"the database has version 99999, this program knows versions up to "},
		{"UPDATE goose_db_version SET version_id = -version_id WHERE version_id > 1",
			"UPDATE goose_db_version SET version_id = -version_id WHERE version_id < 0", "run tickmark migrate"},
	} {
		_, err := db.Exec(c.by)
		town.Check(t, err)
		for _, at := range []string{statusAddress(in.serve), statusAddress(in.worker), in.serve.Address()} {
			if code, _, text := ask(t.Context(), "http://"+at+"/readyz"); code != http.StatusServiceUnavailable || !strings.Contains(text, c.want) {
				t.Errorf("%s: %d %s, want %q", at, code, text, c.want)
			}
		}
		_, err = db.Exec(c.end)
		town.Check(t, err)
	}
	await.Until(t, "serve is ready again", func() bool { code, _, _ := in.ready(); return code == http.StatusOK })
}

// sample is a line of Prometheus' text format, and label one of its labels.
var (
	sample = regexp.MustCompile(`^tickmark_[a-z_]+(\{([a-z]+="[^"]*",?)+\})? -?[0-9.e+-]+$`)
	label  = regexp.MustCompile(`([a-z]+)="([^"]*)"`)
)

// What is counted is there in the format of Prometheus, on the port for operators and not on the one that people reach. No label is
// anybody's id: each has few values, which the program knows.
func TestMetrics(t *testing.T) {
	in := install(t)
	if in.command() != http.StatusOK {
		t.Fatal(in.answer)
	}
	in.serve.metrics.became("slack", "sent")
	in.serve.parts.piece("deliveries", errors.New("it could not be made"))
	known := knownLabels(in)
	for _, a := range []*App{in.serve, in.worker} {
		code, _, text := ask(t.Context(), "http://"+statusAddress(a)+"/metrics")
		if code != http.StatusOK {
			t.Fatalf("%d %s", code, text)
		}
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, "#") {
				continue
			}
			if !sample.MatchString(line) {
				t.Errorf("%q is not the format", line)
			}
			for _, l := range label.FindAllStringSubmatch(line, -1) {
				if l[1] != "le" && !slices.Contains(known[l[1]], l[2]) {
					t.Errorf("%s: the label %s has the value %q, which nobody knows", line, l[1], l[2])
				}
			}
		}
		if a == in.serve {
			for _, want := range []string{`tickmark_command_seconds_count{outcome="done"} 1`, `tickmark_part_up{part="requests"} 1`,
				`tickmark_deliveries_total{channel="slack",outcome="sent"} 1`, `tickmark_database_writable 1`,
				`tickmark_queue_age_seconds{queue="inbound"} 0`, `tickmark_part_failures_total{part="deliveries",how="error"} 1`,
				`tickmark_missing{part="check of mail"} 1`} {
				if !strings.Contains(text, want+"\n") {
					t.Errorf("%s is missing from\n%s", want, text)
				}
			}
		}
	}
	if code, _, _ := ask(t.Context(), "http://"+in.serve.Address()+"/metrics"); code != http.StatusNotFound {
		t.Errorf("on the port that people reach: %d", code)
	}
	if code, _, _ := ask(t.Context(), "http://"+statusAddress(in.serve)+"/api/v1/me"); code != http.StatusNotFound {
		t.Errorf("the API on the port for operators: %d", code)
	}
}

// Whoever sets up alarms reads docs/operations.md: it has every metric that there is, with its labels, and no other.
func TestThePageHasTheMetrics(t *testing.T) {
	in := install(t)
	if in.command() != http.StatusOK {
		t.Fatal(in.answer)
	}
	in.serve.metrics.became("slack", "sent")
	in.serve.parts.piece("deliveries", errors.New("it could not be made"))
	in.serve.metrics.turnedAway("host", time.Now())
	_, _, text := ask(t.Context(), "http://"+statusAddress(in.serve)+"/metrics")
	there := map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^(tickmark_[a-z_]+)(?:\{(.*)\})? `).FindAllStringSubmatch(text, -1) {
		var labels []string
		for _, l := range label.FindAllStringSubmatch(line[2], -1) {
			if l[1] != "le" {
				labels = append(labels, l[1])
			}
		}
		name := line[1]
		for _, end := range []string{"_bucket", "_sum", "_count"} {
			name = strings.TrimSuffix(name, end)
		}
		if len(labels) > 0 {
			name += "{" + strings.Join(labels, ",") + "}"
		}
		there[name] = true
	}
	page, err := os.ReadFile("../../../docs/operations.md")
	town.Check(t, err)
	told := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(tickmark_[^`]+)` \\|").FindAllStringSubmatch(string(page), -1) {
		told[row[1]] = true
	}
	if len(told) < 9 || !maps.Equal(there, told) {
		t.Errorf("there are %v, and docs/operations.md tells of %v", slices.Sorted(maps.Keys(there)), slices.Sorted(maps.Keys(told)))
	}
}

// knownLabels are the values that labels may have.
func knownLabels(in *installation) map[string][]string {
	parts := []string{"deliveries", "clicks", lockedSecrets.Part, temporalPart, "temporal_namespace", "temporal_attribute",
		"temporal_access", workerPart, databasePart, "a connection of Socket Mode"}
	for _, a := range []*App{in.serve, in.worker} {
		for _, p := range a.list() {
			parts = append(parts, p.kind)
		}
	}
	return map[string][]string{"part": parts, "how": {byError, byPanic, byHang}, "queue": {"messages", "inbound", "engagements"},
		"channel": {"slack", "mail", "none"}, "outcome": {"done", "refused", "unavailable", "failed", "sent", "scheduled", "sending",
			"suppressed", "expired", "coalesced", "uncertain"}}
}

// What several processes lack is named once.
func TestWhatIsMissingIsNamedOnce(t *testing.T) {
	got := eachOnce([]store.Missing{{Part: "a", Detail: "here"}, {Part: "b"}, {Part: "a", Detail: "there"}})
	if len(got) != 2 || got[0].Detail != "here" {
		t.Errorf("%+v", got)
	}
}

// statusAddress returns where operators ask how a process does; empty before it listens there.
func statusAddress(a *App) string {
	if at := a.statusAt.Load(); at != nil {
		return *at
	}
	return ""
}
