package mailfake_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"

	mailfake "tickmark/activities/fake/mail"
	"tickmark/models/modelstest/await"
)

// wantCode checks what the server answered, whichever client heard it.
func wantCode(t *testing.T, err error, code int) {
	t.Helper()
	if said, ok := errors.AsType[*textproto.Error](err); ok && said.Code == code {
		return
	}
	if failed, ok := errors.AsType[*gomail.SendError](err); ok && failed.ErrorCode() == code {
		return
	}
	t.Errorf("want the answer %d, have %v", code, err)
}

// wantLost checks that the connection ended without an answer, and where.
func wantLost(t *testing.T, err error, reason gomail.SendErrReason) {
	t.Helper()
	failed, ok := errors.AsType[*gomail.SendError](err)
	if !ok || failed.Reason != reason || failed.ErrorCode() != 0 {
		t.Errorf("want no answer when %s, have %v", reason, err)
	}
}

// Each way in which a delivery goes wrong, once, to Ruth; the next is fine.
func TestEachFault(t *testing.T) {
	coded := func(code int) func(*testing.T, error) {
		return func(t *testing.T, err error) { wantCode(t, err, code) }
	}
	lost := func(reason gomail.SendErrReason) func(*testing.T, error) {
		return func(t *testing.T, err error) { wantLost(t, err, reason) }
	}
	hungUp := func(t *testing.T, err error) {
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !strings.Contains(fmt.Sprint(err), "reset by peer") {
			t.Errorf("want the end of the connection, have %v", err)
		}
	}
	for _, c := range []struct {
		fault mailfake.Fault
		want  func(*testing.T, error)
		hit   string
		kept  int // of the letter that met the fault
	}{
		{mailfake.Fault{Step: mailfake.StepConnect, Kind: mailfake.FaultDrop}, hungUp, "connect drop", 0},
		{mailfake.Fault{Step: mailfake.StepConnect, Kind: mailfake.FaultReply}, coded(421), "connect reply 421", 0},
		{mailfake.Fault{Step: mailfake.StepConnect, Kind: mailfake.FaultReply, Code: 554}, coded(554), "connect reply 554", 0},
		{mailfake.Fault{Step: mailfake.StepAuth, Kind: mailfake.FaultReply}, coded(535), "auth reply 535", 0},
		{mailfake.Fault{Step: mailfake.StepAuth, Kind: mailfake.FaultReply, Code: 454}, coded(454), "auth reply 454", 0},
		{mailfake.Fault{Step: mailfake.StepAuth, Kind: mailfake.FaultDrop}, hungUp, "auth drop", 0},
		{mailfake.Fault{Step: mailfake.StepMail, Kind: mailfake.FaultReply}, coded(421), "mail reply 421", 0},
		{mailfake.Fault{Step: mailfake.StepMail, Kind: mailfake.FaultDrop}, lost(gomail.ErrSMTPMailFrom), "mail drop", 0},
		{mailfake.Fault{Step: mailfake.StepRcpt, Kind: mailfake.FaultReply}, coded(550), "rcpt reply 550", 0},
		{mailfake.Fault{Step: mailfake.StepRcpt, Kind: mailfake.FaultReply, Code: 450, To: "RUTH@north.example"}, coded(450), "rcpt reply 450",
			0},
		{mailfake.Fault{Step: mailfake.StepRcpt, Kind: mailfake.FaultReply, Code: 421}, coded(421), "rcpt reply 421", 0},
		{mailfake.Fault{Step: mailfake.StepRcpt, Kind: mailfake.FaultDrop}, lost(gomail.ErrSMTPRcptTo), "rcpt drop", 0},
		{mailfake.Fault{Step: mailfake.StepData, Kind: mailfake.FaultReply}, coded(554), "data reply 554", 0},
		{mailfake.Fault{Step: mailfake.StepData, Kind: mailfake.FaultReply, Code: 552}, coded(552), "data reply 552", 0},
		{mailfake.Fault{Step: mailfake.StepData, Kind: mailfake.FaultReply, Code: 451, To: "ruth@north.example"}, coded(451), "data reply 451",
			0},
		{mailfake.Fault{Step: mailfake.StepData, Kind: mailfake.FaultDrop}, lost(gomail.ErrSMTPDataClose), "data drop", 0},
		{mailfake.Fault{Step: mailfake.StepData, Kind: mailfake.FaultAcceptThenDrop}, lost(gomail.ErrSMTPDataClose), "data accept_then_drop", 1},
		{mailfake.Fault{Kind: mailfake.FaultAcceptThenDrop, To: "ruth@north.example"}, lost(gomail.ErrSMTPDataClose), "data accept_then_drop", 1},
	} {
		for _, encrypted := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%t", c.hit, encrypted), func(t *testing.T) {
				s := start(t, mailfake.Options{User: "tick", Password: "secret", StartTLS: encrypted})
				c.fault.Nth = 1
				check(t, s.AddFault(c.fault))
				c.want(t, post(t, s, "d1", "ruth@north.example"))
				if n := len(s.Messages()); n != c.kept {
					t.Errorf("%d letters are kept", n)
				}
				check(t, post(t, s, "d2", "ruth@north.example"))
				if hits := fmt.Sprint(s.FaultsHit()); hits != "map["+c.hit+":1]" || len(s.Messages()) != c.kept+1 || s.Sessions() != 2 {
					t.Errorf("%s, %d letters, %d sessions", hits, len(s.Messages()), s.Sessions())
				}
			})
		}
	}
}

// After 421 the server has hung up; after another refusal the session goes on.
func TestAfterARefusal(t *testing.T) {
	s := start(t, mailfake.Options{})
	check(t, s.AddFault(mailfake.Fault{Step: mailfake.StepMail, Kind: mailfake.FaultReply, Code: 451, Times: 1,
		Text: "greylisted,\r\n come back"}))
	check(t, s.AddFault(mailfake.Fault{Step: mailfake.StepMail, Kind: mailfake.FaultReply, Nth: 3}))
	c, err := smtp.Dial(s.Addr())
	check(t, err)
	defer func() { _ = c.Close() }()
	err = c.Mail("audit@firm.example")
	if wantCode(t, err, 451); err == nil || !strings.Contains(err.Error(), "4.0.0 greylisted, come back") {
		t.Errorf("it says %v", err)
	}
	check(t, c.Mail("audit@firm.example"))
	wantCode(t, c.Mail("audit@firm.example"), 421)
	if err := c.Noop(); err == nil {
		t.Error("the session goes on after 421")
	}
}

// Bo's mailbox is gone and Ruth's is not: only Bo is refused, and Ruth has the letter that a client sends her all the same.
func TestOneRecipientIsRefused(t *testing.T) {
	s := start(t, mailfake.Options{})
	check(t, s.AddFault(mailfake.Fault{Step: mailfake.StepRcpt, Kind: mailfake.FaultReply, To: "bo@north.example", Text: "no such user"}))
	check(t, post(t, s, "d1", "ruth@north.example"))
	wantCode(t, post(t, s, "d2", "bo@north.example"), 550)
	wantCode(t, post(t, s, "d3", "bo@north.example"), 550)

	c, err := smtp.Dial(s.Addr())
	check(t, err)
	check(t, errors.Join(c.Mail("audit@firm.example"), c.Rcpt("ruth@north.example")))
	wantCode(t, c.Rcpt("bo@north.example"), 550)
	w, err := c.Data()
	check(t, err)
	_, err = io.WriteString(w, "Message-ID: <d4@firm.example>\r\n\r\nHello\r\n")
	check(t, errors.Join(err, w.Close(), c.Quit()))
	if ruth, bo := s.MessagesTo("ruth@north.example"), s.MessagesTo("bo@north.example"); len(ruth) != 2 ||
		ruth[1].MessageID != "d4@firm.example" || len(bo) != 0 {
		t.Errorf("Ruth has %v, Bo %v", ruth, bo)
	}
}

// A slow server is slow at the step it is told to be, and then does its work.
func TestSlow(t *testing.T) {
	for _, step := range mailfake.Steps {
		t.Run(string(step), func(t *testing.T) {
			hand := await.NewHand(time.Hour)
			s := start(t, mailfake.Options{User: "tick", Password: "secret", After: hand.After})
			check(t, s.AddFault(mailfake.Fault{Step: step, Kind: mailfake.FaultSlow, Delay: time.Hour, Times: 1}))
			posted := make(chan error)
			go func() { posted <- post(t, s, "d1", "ruth@north.example") }()
			hand.Begun()
			select {
			case err := <-posted:
				t.Errorf("it was posted before its time: %v", err)
			default:
			}
			if n := len(s.Messages()); n != 0 {
				t.Errorf("%d letters are kept before their time", n)
			}
			hand.Up()
			check(t, <-posted)
			if s.FaultsHit()[mailfake.Hit{Step: step, Kind: mailfake.FaultSlow}] != 1 || len(s.Messages()) != 1 {
				t.Errorf("%v, %d letters", s.FaultsHit(), len(s.Messages()))
			}
		})
	}
}

// While one client waits for its greeting, others are served.
func TestSlowIsOneSessionOnly(t *testing.T) {
	s := start(t, mailfake.Options{})
	check(t, s.AddFault(mailfake.Fault{Step: mailfake.StepConnect, Kind: mailfake.FaultSlow, Delay: time.Hour, Times: 1}))
	waiting, err := net.Dial("tcp", s.Addr())
	check(t, err)
	defer func() { _ = waiting.Close() }()
	await.Until(t, "it waits for its greeting", func() bool { return len(s.FaultsHit()) > 0 })
	check(t, post(t, s, "d1", "ruth@north.example"))
}

// A client that does not wait long enough does not know that its letter was kept.
func TestSlowerThanTheClient(t *testing.T) {
	hand := await.NewHand(time.Hour)
	s := start(t, mailfake.Options{After: hand.After})
	check(t, s.AddFault(mailfake.Fault{Step: mailfake.StepData, Kind: mailfake.FaultSlow, Delay: time.Hour, Times: 1}))
	var line net.Conn
	dial := gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (c net.Conn, err error) {
		line, err = (&net.Dialer{}).DialContext(ctx, network, address)
		return line, err
	})
	client, message, sent := mailer(t, s, dial), digest(t, "d1", "ruth@north.example"), make(chan error)
	go func() { sent <- client.DialAndSendWithContext(t.Context(), message) }()
	hand.Begun()
	check(t, line.Close()) // the client's time is up
	wantLost(t, <-sent, gomail.ErrSMTPDataClose)
	if n := len(s.Messages()); n != 0 {
		t.Errorf("%d letters are kept at once", n)
	}
	hand.Up()
	await.Until(t, "the letter is kept", func() bool { return len(s.Messages()) == 1 })
}

// Which deliveries of six meet a fault.
func TestNthAndTimes(t *testing.T) {
	for _, c := range []struct {
		nth, times int
		met        string
	}{{0, 0, "111111"}, {0, 2, "110000"}, {3, 0, "001000"}, {3, 2, "001100"}, {7, 1, "000000"}} {
		s := start(t, mailfake.Options{})
		check(t, s.AddFault(mailfake.Fault{Step: mailfake.StepRcpt, Kind: mailfake.FaultReply, Nth: c.nth, Times: c.times}))
		met := ""
		for i := range 6 {
			if post(t, s, fmt.Sprintf("d%d", i), "ruth@north.example") != nil {
				met += "1"
			} else {
				met += "0"
			}
		}
		if met != c.met {
			t.Errorf("from the %d. on, %d times: %s", c.nth, c.times, met)
		}
	}
}

// Of two faults that were added an occasion meets the first, and counts for both.
func TestTheFirstFault(t *testing.T) {
	s := start(t, mailfake.Options{})
	check(t, s.AddFault(mailfake.Fault{Step: mailfake.StepData, Kind: mailfake.FaultReply, Code: 552, Times: 2}))
	check(t, s.AddFault(mailfake.Fault{Kind: mailfake.FaultReply, Code: 451, To: "ruth@north.example", Nth: 4}))
	wantCode(t, post(t, s, "d1", "ruth@north.example"), 552)
	wantCode(t, post(t, s, "d2", "ruth@north.example"), 552) // the fourth time that Ruth is written to
	check(t, post(t, s, "d3", "ines@firm.example"))
	wantCode(t, post(t, s, "d4", "ruth@north.example"), 451)
	check(t, post(t, s, "d5", "ruth@north.example"))
}

// The faults that were added come before those of chance, and both can be taken back.
func TestFaultsByChance(t *testing.T) {
	s := start(t, mailfake.Options{})
	var (
		mu   sync.Mutex
		seen []string
	)
	s.SetFaultFunc(func(o mailfake.Occasion) *mailfake.Fault {
		mu.Lock()
		defer mu.Unlock()
		if o.Session == 2 {
			seen = append(seen, fmt.Sprintf("%s %s %v", o.Step, o.From, o.To))
		}
		switch o.Step {
		case mailfake.StepMail:
			return &mailfake.Fault{Kind: mailfake.FaultAcceptThenDrop} // does not fit
		case mailfake.StepRcpt:
			return &mailfake.Fault{Kind: "earthquake"}
		case mailfake.StepData:
			return &mailfake.Fault{Kind: mailfake.FaultReply, Code: 452}
		}
		return nil
	})
	check(t, s.AddFault(mailfake.Fault{Step: mailfake.StepData, Kind: mailfake.FaultReply, Code: 552, Times: 1}))
	wantCode(t, post(t, s, "d1", "ruth@north.example"), 552)
	wantCode(t, post(t, s, "d2", "ruth@north.example", "ines@firm.example"), 452)
	want := []string{"connect  []", "mail audit@firm.example []", "rcpt audit@firm.example [ruth@north.example]",
		"rcpt audit@firm.example [ines@firm.example]",
		"data audit@firm.example [ruth@north.example ines@firm.example]"}
	mu.Lock()
	asked := fmt.Sprint(seen)
	mu.Unlock()
	if asked != fmt.Sprint(want) {
		t.Errorf("it is asked of %s", asked)
	}
	check(t, s.AddFault(mailfake.Fault{Kind: mailfake.FaultDrop}))
	s.ClearFaults()
	check(t, post(t, s, "d3", "ruth@north.example"))
	if got := fmt.Sprint(s.FaultsHit()); got != "map[data reply 452:1 data reply 552:1]" {
		t.Errorf("hit: %s", got)
	}
}

// A fault that could never happen is not taken.
func TestFaultsThatCannotBe(t *testing.T) {
	s := start(t, mailfake.Options{})
	for _, f := range []mailfake.Fault{
		{Step: mailfake.StepData},
		{Step: "vrfy", Kind: mailfake.FaultDrop},
		{Step: mailfake.StepRcpt, Kind: mailfake.FaultAcceptThenDrop},
		{Step: mailfake.StepMail, Kind: mailfake.FaultDrop, To: "ruth@north.example"},
		{Step: mailfake.StepMail, Kind: mailfake.FaultReply, Code: 250},
		{Step: mailfake.StepMail, Kind: mailfake.FaultSlow},
	} {
		if err := s.AddFault(f); err == nil {
			t.Errorf("%+v is taken", f)
		}
	}
	check(t, post(t, s, "d1", "ruth@north.example"))
}

// What a client said ahead of an answer is not heard when the connection ends there: no letter comes of it.
func TestNothingIsHeardAfterTheEnd(t *testing.T) {
	for _, kind := range []mailfake.FaultKind{mailfake.FaultDrop, mailfake.FaultReply} {
		s := start(t, mailfake.Options{})
		check(t, s.AddFault(mailfake.Fault{Step: mailfake.StepMail, Kind: kind, Nth: 1}))
		c, err := net.Dial("tcp", s.Addr())
		check(t, err)
		begin := "MAIL FROM:<audit@firm.example>\r\nRCPT TO:<ruth@north.example>\r\n"
		_, err = io.WriteString(c, "EHLO here\r\n"+begin+begin+"DATA\r\nSubject: x\r\n\r\nx\r\n.\r\n")
		check(t, err)
		_, _ = io.Copy(io.Discard, c) // until the server ends it
		check(t, errors.Join(c.Close(), s.Close()))
		if n, hits := len(s.Messages()), len(s.FaultsHit()); n != 0 || hits != 1 {
			t.Errorf("%s: %d letters, %d faults", kind, n, hits)
		}
	}
}
