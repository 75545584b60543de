package mailfake_test

import (
	"errors"
	"fmt"
	"net/smtp"
	"net/textproto"
	"strings"
	"testing"

	mailfake "tickmark/activities/fake/mail"
)

// sendRaw sends a letter as it stands.
func sendRaw(addr, raw string) error {
	return smtp.SendMail(addr, nil, "audit@firm.example", []string{"ruth@north.example"}, []byte(raw))
}

func wantLostRaw(t *testing.T, err error) {
	t.Helper()
	if _, answered := errors.AsType[*textproto.Error](err); err == nil || answered {
		t.Errorf("want no answer, have %v", err)
	}
}

// Letters that other programs write, and those that nobody can read: a mail server takes them all, and says what is wrong with them.
func TestLettersOfAllKinds(t *testing.T) {
	deep := ""
	for i := range 15 {
		deep += fmt.Sprintf("Content-Type: multipart/mixed; boundary=b%[1]d\n\n--b%[1]d\n", i)
	}
	for name, c := range map[string]struct{ raw, text, html, problem string }{
		"plain":     {"Subject: x\n\nHello\nRuth\n", "Hello\nRuth\n", "", ""},
		"html only": {"Content-Type: text/html; charset=UTF-8\n\n<p>\n", "", "<p>\n", ""},
		"parts in parts": {"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; " +
			"boundary=b\n\n--b\n\none\n--b\nContent-Type: text/html\nContent-Transfer-Encoding: BASE64\n\nPHA+\n--b--\n--a\nContent-Type: " +
			"text/plain\n\ntwo\n--a--\n", "one", "<p>", ""},
		"attached": {"Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: text/plain\nContent-Disposition: Attachment; " +
			"filename=a.txt\n\nfile\n--a\n\ntext\n--a--\n", "text", "", ""},
		"soft breaks":      {"Content-Transfer-Encoding: quoted-printable\n\nlo=\nng =E2=82=AC\n", "long €\n", "", ""},
		"no header":        {"no header\n", "", "", "read the header"},
		"no end":           {"Content-Type: multipart/mixed; boundary=a\n\n--a\n\ntext\n", "", "", "decode a part"},
		"no type":          {"Content-Type: ;;\n\ntext\n", "", "", "read the type"},
		"bad base64":       {"Content-Transfer-Encoding: base64\n\n!!\n", "", "", "decode a part"},
		"unknown encoding": {"Content-Transfer-Encoding: x-uuencode\n\n!!\n", "", "", `encoded as "x-uuencode"`},
		"unknown charset":  {"Content-Type: text/plain; charset=koi8-r\n\ntext\n", "", "", `a text in "koi8-r"`},
		"not what it says": {"Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n=FF\n", "", "",
			"not UTF-8"},
		"subject in koi8-r":   {"Subject: =?koi8-r?q?=C1?=\n\ntext\n", "", "", "decode the subject"},
		"parts without end":   {deep, "", "", "without end"},
		"an image of no text": {"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBO\n", "", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, mailfake.Options{})
			raw := strings.ReplaceAll(c.raw, "\n", "\r\n")
			check(t, sendRaw(s.Addr(), raw))
			got := s.Messages()[0]
			if string(got.Raw) != raw || got.Text != c.text || got.HTML != c.html {
				t.Errorf("it is read as %q and %q, of %q", got.Text, got.HTML, got.Raw)
			}
			if (got.Problem == "") != (c.problem == "") || !strings.Contains(got.Problem, c.problem) {
				t.Errorf("its problem is %q", got.Problem)
			}
		})
	}
}
