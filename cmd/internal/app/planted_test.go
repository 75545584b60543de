package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tickmark/activities/fake/town"
	"tickmark/api/session"
	"tickmark/models"
	"tickmark/models/seal"
	"tickmark/models/store"
)

// Before Acme's directory was closed somebody laid a token into it: by a link, as their own file, or one that opens nothing. The
// start does not believe it: it writes one that opens the door, over no file of theirs. One that is valid stays as it is.
func TestAPlantedTokenIsNotBelieved(t *testing.T) {
	w := town.OnSQLite(t)
	a := &App{Root: w.Root, postman: w.Post}
	secret, hash := session.NewToken()
	_, err := w.Store.CreateToken(t.Context(), store.Once{}, "marta", "hers", hash, time.Time{}, w.Now())
	town.Check(t, err)
	_, err = w.Store.CreatePerson(t.Context(), store.Once{}, models.Person{ID: firstAdmin, Name: "Administrator", Role: models.RolePartner,
		TimeZone: "UTC", Active: true}, w.Now())
	town.Check(t, err)
	for name, lay := range map[string]func(path, other string) error{
		"a link to a token that is valid": func(path, other string) error { return os.Symlink(other, path) },
		"a token that opens nothing":      func(path, _ string) error { return os.WriteFile(path, []byte("tm_planted\n"), 0o600) },
		"an empty file":                   func(path, _ string) error { return os.WriteFile(path, nil, 0o600) },
		"nothing":                         func(string, string) error { return nil },
		"another's file": func(path, _ string) error {
			if os.Geteuid() != 0 {
				t.Skip("only root can give files away")
			}
			if err := os.WriteFile(path, []byte(secret), 0o600); err != nil {
				return err
			}
			return os.Chown(path, 65534, 65534)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir, other := t.TempDir(), filepath.Join(t.TempDir(), "other")
			town.Check(t, os.WriteFile(other, []byte(secret), 0o600))
			town.Check(t, lay(filepath.Join(dir, "admin-token"), other))
			path, fresh, err := a.FirstStart(t.Context(), dir, NewBeginning("Acme"))
			if err != nil || !fresh {
				t.Fatalf("it is written %t: %v", fresh, err)
			}
			text, err := readOwn(path)
			if err != nil || string(text) == secret || !a.IsAdministrators(t.Context(), "acme", strings.TrimSpace(string(text))) {
				t.Errorf("%s opens nothing, or is another's: %v", text, err)
			}
			if kept, err := os.ReadFile(other); err != nil || string(kept) != secret {
				t.Errorf("the other file reads %s, %v", kept, err)
			}
			if _, fresh, err = a.FirstStart(t.Context(), dir, NewBeginning("Acme")); err != nil || fresh {
				t.Errorf("the next start writes it again: %v", err)
			}
		})
	}
}

// Keys and a clock that somebody laid into the directory by a link are not used: who laid them could sign links to people's tasks.
func TestPlantedKeysAreNotUsed(t *testing.T) {
	dir, other := t.TempDir(), filepath.Join(t.TempDir(), "other")
	town.Check(t, os.WriteFile(other, []byte(seal.NewKey("theirs")), 0o600))
	for _, name := range []string{"secret-keys", clockFile} {
		town.Check(t, os.Symlink(other, filepath.Join(dir, name)))
	}
	if keys, err := SecretKeys(dir); err == nil || keys != "" || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("keys %q, %v", keys, err)
	}
	if _, err := ClockOf(dir, 0, time.Now()); err == nil || !strings.Contains(err.Error(), "remove it") {
		t.Errorf("the clock: %v", err)
	}
}
