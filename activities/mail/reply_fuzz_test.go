package mail

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"testing"

	"tickmark/models/reminders"
)

// A script is a mail server that says all its lines at once, whatever it is told, and hears the client out.
type script struct {
	lines []byte
	took  bool // the whole letter
}

// serve speaks with one client, and returns when the client has hung up.
func (s *script) serve(l net.Listener) {
	c, err := l.Accept()
	if err != nil {
		return
	}
	defer c.Close()
	_, _ = c.Write(s.lines) // who has hung up hears nothing
	_ = c.(*net.TCPConn).CloseWrite()
	said, _ := io.ReadAll(c)
	s.took = bytes.Contains(said, []byte("\r\n.\r\n"))
}

// FuzzReplies lets a mail server answer anything to every line of ours. A letter counts as sent only when the server took the whole of it,
// as perhaps sent only when it may have; and whatever else came of it has a reason.
func FuzzReplies(f *testing.F) {
	const hello = "220 mail.test\n250-mail.test\n250 8BITMIME\n"
	for _, seed := range []string{"", "220", "220 x\n", hello, hello + "250 ok\n250 ok\n354 go\n250 taken\n221 bye",
		hello + "250 ok\n250 ok\n354 go\n",
		hello + "250 ok\n550 no such user\n250 ok", hello + "421 busy", hello + "250 ok\n450 later", hello + "553 not you",
		hello + "250 ok\n250 ok\n354 go\n554 refused", hello + "250 ok\n250 ok\n354 go\nwhat", "554 go away", "220-\n220 x\n250",
		"\x00\xff", "999 x\n",
		hello + "250 ok\n250 ok\n250 not 354\n", hello + "250 ok\n250 ok\n354 go\n354 more\n250 taken"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, replies []byte) {
		if len(replies) > 4000 {
			return
		}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		s, ended := &script{lines: replies}, make(chan struct{})
		go func() { defer close(ended); s.serve(l) }()
		m, err := NewMailer(fmt.Sprintf("smtp://%s?tls=none", l.Addr()), "Tickmark <audit@firm.test>")
		if err != nil {
			t.Fatal(err)
		}
		v := m.Send(t.Context(), Letter{To: "olga@northgate.test", Name: "Olga", ID: "d-1", Subject: "Hello", Text: "Hello",
			HTML: "<p>Hello</p>"})
		_ = l.Close()
		<-ended
		switch {
		case v.Class == reminders.AttemptAccepted && !s.took:
			t.Errorf("%q: sent, and the server has not taken it", replies)
		case v.Class == reminders.AttemptUnsent && s.took && v.Status < 400:
			t.Errorf("%q: surely not sent, though the server took it: %+v", replies, v)
		case v.Class != reminders.AttemptAccepted && v.Reason == "":
			t.Errorf("%q: no reason: %+v", replies, v)
		}
	})
}
