package app

import (
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"tickmark/models"
	"tickmark/models/store"
)

// harborAdvisory is a firm in Berlin, and Ines its first partner.
func harborAdvisory() Beginning {
	return Beginning{Firm: "Harbor Advisory", Country: "DE", TimeZone: "Europe/Berlin",
		Admin: "Ines Carvalho", AdminEmail: "ines@harbor.example"}
}

// Ines sets Tickmark up for Harbor Advisory in Berlin. Whatever she mistypes, she is told by which flag, and what would be right.
func TestWhatCannotBeTheBeginningOfAFirm(t *testing.T) {
	harbor := harborAdvisory()
	if err := harbor.Check(); err != nil {
		t.Fatalf("what can be was refused: %v", err)
	}
	for _, c := range []struct {
		name  string
		spoil func(*Beginning)
		field string
		want  string
	}{
		{"no name", func(b *Beginning) { b.Firm = " " }, "--firm", "--firm must have 1 to 300 characters"},
		{"a name without end", func(b *Beginning) { b.Firm = strings.Repeat("x", 301) }, "--firm", "--firm must have 1 to 300 characters"},
		{"a country nobody knows", func(b *Beginning) { b.Country = "Germany" }, "--country",
			`--country "Germany" is not one Tickmark has public holidays for; did you mean DE (Germany)?`},
		{"a zone nobody knows", func(b *Beginning) { b.TimeZone = "Berlin" }, "--time-zone",
			`--time-zone "Berlin" is not an IANA time zone such as America/New_York`},
		{"no zone", func(b *Beginning) { b.TimeZone = "" }, "--time-zone", "--time-zone must be an IANA time zone"},
		{"nobody", func(b *Beginning) { b.Admin = "" }, "--admin", "--admin must have 1 to 300 characters"},
		{"a name with a bell", func(b *Beginning) { b.Admin = "Ines\a" }, "--admin", "--admin must not hold control characters"},
		{"an address without a place", func(b *Beginning) { b.AdminEmail = "ines" }, "--admin-email",
			`--admin-email "ines" is not a mail address`},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := harbor
			c.spoil(&b)
			refusal, ok := errors.AsType[*models.Error](b.Check())
			if !ok || refusal.Code != models.Invalid || refusal.Field != c.field || !strings.Contains(refusal.Message, c.want) {
				t.Errorf("got %+v", refusal)
			}
		})
	}
}

// The two programs that take a Beginning call its parts the same, and know what to assume.
func TestTheFlagsOfABeginning(t *testing.T) {
	args := []string{"--firm", "Harbor Advisory", "--country", "DE", "--time-zone", "Europe/Berlin",
		"--admin", "Ines Carvalho", "--admin-email", "ines@harbor.example"}
	want := harborAdvisory()
	standard, posix := flag.NewFlagSet("solo", flag.ContinueOnError), pflag.NewFlagSet("setup", pflag.ContinueOnError)
	standard.SetOutput(io.Discard)
	for name, parse := range map[string]func(b *Beginning, args []string) error{
		"solo":  func(b *Beginning, args []string) error { b.Flags(standard); return standard.Parse(args) },
		"setup": func(b *Beginning, args []string) error { b.Flags(posix); return posix.Parse(args) },
	} {
		b := NewBeginning("My firm")
		if err := parse(&b, args); err != nil || b != want {
			t.Errorf("%s: %+v, %v", name, b, err)
		}
	}
	if err := NewBeginning("My firm").Check(); err != nil {
		t.Errorf("what is assumed is refused: %v", err)
	}
}

// Ines starts Tickmark again the next day with the flags of the first, and then with others: she hears of those that differ, and nothing
// else. A new installation follows them all.
func TestTheFlagsOfALaterStart(t *testing.T) {
	root, err := store.Open("sqlite:" + filepath.Join(t.TempDir(), "tickmark.sqlite"))
	if err != nil {
		t.Fatal(err)
	}
	a := &App{Root: root}
	t.Cleanup(a.Close)
	if err := root.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	harbor := harborAdvisory()
	all := func(string) bool { return true }
	unheard := func(b Beginning, given func(string) bool) []string {
		t.Helper()
		sentences, err := b.Unheard(t.Context(), a, given)
		if err != nil {
			t.Fatal(err)
		}
		return sentences
	}
	if got := unheard(harbor, all); got != nil {
		t.Errorf("before there is a firm: %q", got)
	}
	if _, err := a.Setup(t.Context(), "firm", harbor, time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := unheard(harbor, all); got != nil {
		t.Errorf("the same again: %q", got)
	}
	other := harbor
	other.Firm, other.AdminEmail = "Harbour Advisory", "ic@harbor.example"
	want := []string{
		`--firm "Harbour Advisory" was not followed: it is for the first start, and here it is "Harbor Advisory" already. ` +
			`tickmark firm set changes it`,
		`--admin-email "ic@harbor.example" was not followed: it is for the first start, and here it is "ines@harbor.example" already. ` +
			`tickmark person edit admin changes it`,
	}
	if got := unheard(other, all); !slices.Equal(got, want) {
		t.Errorf("other values: %q", got)
	}
	if got := unheard(other, func(f string) bool { return f == "firm" }); !slices.Equal(got, want[:1]) {
		t.Errorf("what was only assumed is told of: %q", got)
	}
}

// Whoever starts on a data directory of fast days need not say so again, and is not let change it.
func TestAClockIsKept(t *testing.T) {
	dir, now := t.TempDir(), time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		wish, is time.Duration
		refused  string
	}{
		{0, 24 * time.Hour, ""}, {10 * time.Second, 10 * time.Second, ""},
		{25 * time.Hour, 0, "--day 25h0m0s must be between 1ms and 24h"}, {-time.Second, 0, "--day -1s must be between 1ms and 24h"},
	} {
		if clock, err := ClockOf(dir, c.wish, now); c.refused == "" && (err != nil || DayOf(clock) != c.is) ||
			c.refused != "" && (err == nil || err.Error() != c.refused) {
			t.Errorf("of a wish for %s: %v, %v", c.wish, clock, err)
		}
	}
	first, err := ClockOf(dir, 10*time.Second, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := KeepClock(dir, first); err != nil {
		t.Fatal(err)
	}
	for _, wish := range []time.Duration{0, 10 * time.Second} {
		if again, err := ClockOf(dir, wish, now.Add(time.Hour)); err != nil || again != first {
			t.Errorf("of a wish for %s the second start has %v, not %v: %v", wish, again, first, err)
		}
	}
	for _, wish := range []time.Duration{2 * time.Second, 24 * time.Hour} {
		if _, err := ClockOf(dir, wish, now); err == nil || !strings.Contains(err.Error(), "this data directory lives with --day 10s") {
			t.Errorf("of a wish for %s: %v", wish, err)
		}
	}
}

// Whoever names something as a data directory that cannot be one is told that, and not that its clock cannot be read or is to be removed.
func TestWhatIsNoDataDirectory(t *testing.T) {
	now := time.Date(2027, 1, 4, 9, 0, 0, 0, time.UTC)
	file := filepath.Join(t.TempDir(), "letter.txt")
	if err := os.WriteFile(file, []byte("Dear Marta,"), 0o600); err != nil {
		t.Fatal(err)
	}
	theirs := t.TempDir()
	if err := KeepClock(theirs, models.Clock{Origin: now, Rate: 1}); err != nil {
		t.Fatal(err)
	}
	refused := map[string]string{"": "--data must name a directory", file: "is no directory", filepath.Join(file, "below"): "is no directory"}
	if os.Geteuid() == 0 { // nobody else gives files away
		const nobody = 65534
		if err := errors.Join(os.Chown(theirs, nobody, nobody), os.Chown(filepath.Join(theirs, clockFile), nobody, nobody)); err != nil {
			t.Fatal(err)
		}
		refused[theirs] = "belongs to another user: start Tickmark as that one"
	}
	for dir, want := range refused {
		if _, err := ClockOf(dir, 0, now); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "clock") {
			t.Errorf("%q: got %v, want %q", dir, err, want)
		}
	}
	if _, err := ClockOf(filepath.Join(theirs, "new"), 0, now); err != nil {
		t.Errorf("one that is to be made: %v", err)
	}
}
