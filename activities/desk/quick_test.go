package desk_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models/engagement"
)

// holdAnswers lets Northgate's Slack hear the door's answers to what people do only when release is called.
func holdAnswers(w *town.Town) (release func()) {
	w.T.Helper()
	held, door := make(chan struct{}), w.Desk.Door()
	release = sync.OnceFunc(func() { close(held) })
	slow := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		answer := httptest.NewRecorder()
		door.ServeHTTP(answer, r)
		<-held
		for name, values := range answer.Header() {
			out.Header()[name] = values
		}
		out.WriteHeader(answer.Code)
		_, _ = out.Write(answer.Body.Bytes()) // who hung up gets nothing
	}))
	w.T.Cleanup(slow.Close)
	w.T.Cleanup(release) // or a test that fails would never end
	at := slow.URL + "/slack/acme/northgate/"
	town.Check(w.T, w.Slack.SetRequestURLs("TNORTHGATE",
		slackfake.RequestURLs{Events: at + "events", Interactivity: at + "actions", Commands: at + "commands"}))
	return release
}

// asksForMoreTime has Olga ask for more time for a task. Slack does not hear yet that her form is being noted, and the desk has tried once
// already to put into it what became of it. sent tells how the form was sent.
func asksForMoreTime(w *town.Town, due string) (form slackfake.View, release func(), sent chan error) {
	w.T.Helper()
	id := w.Task("olga", "Send the organization chart", "2027-01-14")
	w.On("2027-01-13", 10)
	w.Settle()
	w.Press("olga", engagement.ActMoreTime, "do:"+string(id))
	form = w.Modal("olga")
	release, sent = holdAnswers(w), make(chan error, 1)
	go func() {
		_, err := w.Slack.Submit(form.ID, map[string]string{"due": due, "reason": "Vacation"})
		sent <- err
	}()
	w.Eventually("the desk was quicker than its answer", func() bool {
		calls := w.Slack.Calls("views.update")
		return len(calls) > 0 && (calls[0].Done || calls[0].Error != "")
	})
	return form, release, sent
}

// Olga sends a form, and the desk has carried it out before Slack shows that it is being noted: the form says what became of it, or what is
// wrong with it, all the same, and not for ever that it is being noted.
func TestAFormSaysWhatBecameOfItHoweverQuickTheDeskIs(t *testing.T) {
	for due, says := range map[string]string{
		"2027-01-28": "you asked for more time, until Thu 2027-01-28",
		"2027-01-12": "must lie between today",
	} {
		town.Each(t, func(t *testing.T, w *town.Town) {
			_, release, sent := asksForMoreTime(w, due)
			release()
			town.Check(t, <-sent)
			w.Eventually("the form says "+says, func() bool {
				v, _ := w.Slack.OpenView("TNORTHGATE", town.UserOf("olga"))
				return strings.Contains(string(v.Blocks), says)
			})
		})
	}
}

// Olga closes a form that she has sent before it says anything: what she asked for is noted, and nobody goes on looking for her form.
func TestAFormThatIsClosedIsNotWaitedFor(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		form, release, sent := asksForMoreTime(w, "2027-01-28")
		_, err := w.Slack.Dismiss(form.ID)
		town.Check(t, err)
		release()
		town.Check(t, <-sent)
		w.Eventually("her message says what became of it", func() bool {
			return strings.Contains(w.Last("olga").Text, "you asked for more time, until Thu 2027-01-28")
		})
		calls := w.Slack.Calls("views.update")
		if last := calls[len(calls)-1]; last.Error != "not_found" || last.Args["hash"] == "" {
			t.Errorf("at last it was tried with %v: %s", last.Args, last.Error)
		}
	})
}
