package session_test

import (
	"context"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/store"
	"tickmark/models/store/storetest"
)

// monday is the day on which tests happen.
var monday = time.Date(2027, time.January, 11, 13, 0, 0, 0, time.UTC)

// token is Paula's.
var token, hash = session.NewToken()

// each runs a test on each database, in which there is a firm with Paula, its partner.
func each(t *testing.T, test func(t *testing.T, root *store.Root)) {
	fill := func(dsn string) error {
		root, err := store.Open(dsn)
		if err != nil {
			return err
		}
		defer root.Close()
		if err := root.Migrate(context.Background()); err != nil {
			return err
		}
		paula := models.Person{ID: "paula", Name: "Paula Partner", Email: "paula@firm.test", Role: models.RolePartner, TimeZone: "UTC"}
		if _, _, err := root.CreateFirm(context.Background(), models.Firm{ID: "firm", Name: "Ledger & Co", Country: "US", TimeZone: "UTC"},
			paula, monday); err != nil {
			return err
		}
		_, err = root.For("firm").CreateToken(context.Background(), store.Once{}, "paula", "laptop", hash, monday.AddDate(0, 0, 30), monday)
		return err
	}
	run := func(t *testing.T, dsn string) {
		root, err := store.Open(dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { root.Close() })
		test(t, root)
	}
	t.Run("sqlite", func(t *testing.T) {
		dsn := "sqlite:" + filepath.Join(t.TempDir(), "t.sqlite")
		if err := fill(dsn); err != nil {
			t.Fatal(err)
		}
		run(t, dsn)
	})
	t.Run("postgres", func(t *testing.T) { run(t, storetest.PostgresFrom(t, "session", fill)) })
}

// Paula's program sends three requests at once, of which her token may send two. A month later the token has expired, whatever day her
// engagements have.
func TestBearer(t *testing.T) {
	each(t, func(t *testing.T, root *store.Root) {
		real := monday
		s := session.New(session.Sessions{Root: root, Now: func() time.Time { return monday }, Real: func() time.Time { return real },
			Log: slog.New(slog.DiscardHandler)}, 0.001, 2)
		bearer := http.Header{"Authorization": {"Bearer " + token}}
		for range 2 {
			c, err := s.Bearer(t.Context(), bearer)
			if err != nil || c.Person.Name != "Paula Partner" || c.Actor.Person != "paula" || c.Firm != "firm" || !c.Now.Equal(monday) {
				t.Fatalf("%+v, %v", c, err)
			}
		}
		if _, err := s.Bearer(t.Context(), bearer); models.CodeOf(err) != session.TooMany {
			t.Errorf("the third request at once: %v", err)
		}
		another, _ := session.NewToken()
		for name, h := range map[string]http.Header{"none": {}, "not one of ours": {"Authorization": {"Bearer " + another}},
			"two": {"Authorization": {"Bearer " + token, "Bearer " + token}}, "another scheme": {"Authorization": {"Basic " + token}}} {
			if _, err := s.Bearer(t.Context(), h); models.CodeOf(err) != models.Unauthenticated {
				t.Errorf("%s: %v", name, err)
			}
		}
		real = monday.AddDate(0, 0, 31)
		if _, err := s.Bearer(t.Context(), bearer); models.CodeOf(err) != models.Unauthenticated {
			t.Errorf("a month later: %v", err)
		}
	})
}

// Paula types her token off a sheet of paper and errs in every way: each time she reads which part is wrong, and never what she typed. Two
// spaces are none of it.
func TestAMistypedTokenIsToldWhatIsWrong(t *testing.T) {
	each(t, func(t *testing.T, root *store.Root) {
		clock := func() time.Time { return monday }
		s := session.New(session.Sessions{Root: root, Now: clock, Real: clock, Log: slog.New(slog.DiscardHandler)}, 1, 20)
		if _, err := s.Bearer(t.Context(), http.Header{"Authorization": {"BEARER  " + token}}); err != nil {
			t.Errorf("two spaces: %v", err)
		}
		secret := token[len("tm_12345678_"):]
		for name, c := range map[string]struct{ header, want string }{
			"nothing":         {"", "it begins with another word"},
			"no Bearer":       {token, "without Bearer and a space before it"},
			"another scheme":  {"Basic " + token, "it begins with another word"},
			"Bearer alone":    {"Bearer", "the token is missing"},
			"another's":       {"Bearer sk_" + secret, "they begin with tm_"},
			"cut off":         {"Bearer " + token[:len(token)-22], "the token is cut off: it has 42 characters, and tokens have at least 44"},
			"nearly all gone": {"Bearer tm_", "the token is cut off: it has 3 characters"},
			"a comma":         {"Bearer " + token[:20] + "," + token[21:], "its character 21 is another"},
			"an umlaut":       {"Bearer tm_\u00e4" + token[4:], "its character 4 is another"},
			"a space":         {"Bearer " + token + " ", "its character 65 is another"},
			"no underline":    {"Bearer " + strings.ReplaceAll(token, "_", "x")[3:], "they begin with tm_"},
			"one underline":   {"Bearer tm_" + strings.ReplaceAll(token[3:], "_", "x"), "it must be tm_, 8 letters and digits, an underline"},
			"twice":           {"Bearer " + token + secret, "it must be tm_, 8 letters and digits, an underline"},
			"one letter off":  {"Bearer " + token[:30] + "aa" + token[32:], "it was mistyped, has expired, was revoked"},
		} {
			_, err := s.Bearer(t.Context(), http.Header{"Authorization": {c.header}})
			if models.CodeOf(err) != models.Unauthenticated || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), secret[:8]) {
				t.Errorf("%s: %v, without %q", name, err, c.want)
			}
		}
	})
}

// Paula may ask for everything of her firm. What is not there does not exist for her either, and there is no task outside an engagement.
func TestAdmit(t *testing.T) {
	each(t, func(t *testing.T, root *store.Root) {
		clock := func() time.Time { return monday }
		s := session.New(session.Sessions{Root: root, Now: clock, Real: clock, Log: slog.New(slog.DiscardHandler)}, 1, 1)
		c, err := s.Bearer(t.Context(), http.Header{"Authorization": {"bearer " + token}})
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Admit(t.Context(), "getPerson", session.Path{Person: "paula"}); err != nil || c.Target.Name != "Paula Partner" {
			t.Errorf("herself: %q, %v", c.Target.Name, err)
		}
		for name, p := range map[string]session.Path{"client": {Client: "acme"}, "person": {Person: "nobody"}, "engagement": {Engagement: "e1"},
			"task": {Task: "KO-0001"}, "gate": {Gate: "G-KO-1"}, "decision": {Decision: "D-1"}, "question": {Question: "Q-1"}} {
			if err := c.Admit(t.Context(), "getEngagement", p); models.CodeOf(err) != models.NotFound {
				t.Errorf("a %s that is not there: %v", name, err)
			}
		}
	})
}
