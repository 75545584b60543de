package desk_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"testing"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/activities/fake/town"
	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/planning"
	"tickmark/models/reminders"
	"tickmark/models/store"
)

// dryEngine decides every command by the real rules and keeps nothing.
type dryEngine struct{ w *town.Town }

func (e dryEngine) Apply(ctx context.Context, ref models.Ref, c engagement.Command) (engagement.Result, error) {
	f, err := e.w.Store.Facts(ctx, ref.Engagement, engagement.NeedOf(c))
	if err != nil {
		return engagement.Result{}, err
	}
	_, err = engagement.Decide(f, c, e.w.Now())
	return engagement.Result{Revision: f.Engagement.Revision}, err
}

// onStore keeps e1 in the town's database.
type onStore struct{ w *town.Town }

func (k onStore) Load(need engagement.Need) (*engagement.Facts, error) {
	return k.w.Store.Facts(k.w.T.Context(), "e1", need)
}

func (k onStore) Change(need engagement.Need, now time.Time, decide func(*engagement.Facts) (string, error)) error {
	_, _, err := k.w.Store.Change(k.w.T.Context(), "e1", store.Once{}, need, now,
		func(f *engagement.Facts, _ time.Time) (string, error) { return decide(f) })
	return err
}

// joins adds Cora, a consultant on other engagements, who stands in for Tom for two years.
func joins(w *town.Town) {
	w.T.Helper()
	ctx := w.T.Context()
	_, err := w.Store.CreatePerson(ctx, store.Once{},
		models.Person{ID: "cora", Name: "Cora Consultant", Email: "cora@acme.test", Role: models.RoleConsultant, TimeZone: "America/New_York"},
		w.Now())
	town.Check(w.T, err)
	_, err = w.Slack.AddUser("THQ",
		slackfake.User{ID: town.UserOf("cora"), Name: "cora", RealName: "Cora Consultant", Email: "cora@acme.test", TimeZone: "America/New_York"})
	town.Check(w.T, err)
	w.Bind("hq", "cora")
	for year := range 2 {
		from := models.DateIn(w.Now(), models.Zone("America/New_York")).AddDays(365 * year)
		_, err = w.Store.AddAbsence(ctx, store.Once{},
			reminders.Absence{Person: "tom", StandIn: "cora", Days: planning.Span{Start: from, End: from.AddDays(364)}}, w.Now())
		town.Check(w.T, err)
	}
}

// A presser presses buttons that Slack may never have shown, in the name of whom it likes, and reads what the desk made of each.
type presser struct {
	*town.Town
	db    *town.Filler
	body  []byte // a click of Olga's, to be forged
	n     int
	tried map[string]int
}

// presses has somebody press a button of e1, and returns what became of it.
func (p *presser) presses(who models.PersonID, act engagement.Act, item string) string {
	p.T.Helper()
	p.n++
	form, err := url.ParseQuery(string(p.body))
	town.Check(p.T, err)
	var payload map[string]any
	town.Check(p.T, json.Unmarshal([]byte(form.Get("payload")), &payload))
	action := payload["actions"].([]any)[0].(map[string]any)
	payload["nonce"], payload["user"].(map[string]any)["id"], action["action_id"], action["value"] = p.n, town.UserOf(who), string(act),
		"e1|"+item
	text, err := json.Marshal(payload)
	town.Check(p.T, err)
	workspace := "northgate"
	if one, err := p.Store.Person(p.T.Context(), who); err != nil || one.Client == "" {
		town.Check(p.T, err)
		workspace = "hq"
		text = []byte(strings.ReplaceAll(string(text), "TNORTHGATE", "THQ"))
	}
	town.Check(p.T, send(p.Town, workspace, []byte(url.Values{"payload": {string(text)}}.Encode()), p.Real()))
	outcome, carried := "", false
	p.Eventually("the click is carried out", func() bool {
		outcome, carried = p.db.Text(fmt.Sprintf("SELECT outcome FROM inbound WHERE done_at > 0 AND id = '%x'", sha256.Sum256(text)))
		return carried
	})
	return outcome
}

// law holds what the desk made of a button against what Permits says of its command.
func (p *presser) law(who models.PersonID, act engagement.Act, item string) {
	p.T.Helper()
	c, ok := engagement.CommandOn(act, item)
	if !ok {
		p.T.Fatalf("%s of %s is no command", act, item)
	}
	one, err := p.Store.Person(p.T.Context(), who)
	town.Check(p.T, err)
	c.Actor, err = p.Store.Actor(p.T.Context(), one, p.Now())
	town.Check(p.T, err)
	f, err := p.Store.Facts(p.T.Context(), "e1", engagement.NeedOf(c))
	town.Check(p.T, err)
	permits := f.Permits(c.Actor, c, p.Now())
	c.Key, c.Hash = "law", "law"
	_, decides := engagement.Decide(f, c, p.Now())
	outcome := p.presses(who, act, item)
	refused := strings.HasPrefix(outcome, "refused: ")
	notNow := permits == nil && (models.CodeOf(decides) == models.Conflict || models.CodeOf(decides) == models.Invalid)
	switch {
	case permits != nil && !refused, permits == nil && refused && !notNow:
		p.T.Errorf("%s: %s for %v presses %s of %s: %s; Permits says %v, Decide %v", p.Now(), who, c.Actor.For, act, item, outcome, permits,
			decides)
	case permits != nil:
		p.tried["denied"]++
	case refused:
		p.tried["not now"]++
	default:
		p.tried["done"]++
	}
}

// The law of the one lock at the desk: whoever presses whatever button of an engagement in whatever state, the desk refuses what
// Permits refuses and nothing else but what Decide refuses for how things stand; and whatever a message offers is carried out when it
// is pressed. The states come from a story through all phases, five of each.
func TestTheDeskRefusesWhatPermitsRefuses(t *testing.T) {
	town.Each(t, func(t *testing.T, w *town.Town) {
		w.Desk.Engine = dryEngine{w}
		w.Task("olga", "Send the organization chart", "2027-01-14")
		w.On("2027-01-13", 10)
		w.Settle()
		p := &presser{Town: w, db: town.NewFiller(t, w.DSN), body: done(w), tried: map[string]int{}}
		defer p.db.Close()
		defer func() { t.Logf("%d clicks: %v", p.n, p.tried) }()
		joins(w)
		r := rand.New(rand.NewPCG(8, 4))
		people := []models.PersonID{"marta", "ines", "tom", "cora", "ruth", "olga", "kenji"}
		story := modelstest.Story{Keeper: onStore{w}, Now: w.Now(), Chance: rand.New(rand.NewPCG(8, 5))}
		town.Check(t, story.Moments(func(_ catalog.Phase, f *engagement.Facts) {
			w.Clock.Store(story.Now.UnixMicro())
			for range 8 {
				act, item := anything(r, f)
				p.law(people[r.IntN(len(people))], act, item)
			}
			p.offered(f, r)
		}))
		if p.tried["denied"] < 50 || p.tried["done"] < 30 || p.tried["offered"] < 20 {
			t.Errorf("the law was tried too little: %v", p.tried)
		}
		t.Logf("%v", p.tried)
	})
}

// anything is some button about something of an engagement.
func anything(r *rand.Rand, f *engagement.Facts) (engagement.Act, string) {
	acts := map[string][]engagement.Act{
		"do":      {engagement.ActDone, engagement.ActMoreTime, engagement.ActSnooze, engagement.ActBlocked, engagement.ActNotMine},
		"accept":  {engagement.ActAccept, engagement.ActReturn},
		"unblock": {engagement.ActUnblock},
		"sign":    {engagement.ActSign, engagement.ActRefuse},
		"decide":  {engagement.ActApprove, engagement.ActDecline},
		"answer":  {engagement.ActAnswer}, "answered": {engagement.ActAnswer, engagement.ActNoAnswer},
	}
	kind, subject := []string{"do", "do", "accept", "unblock", "sign", "decide", "answer", "answered"}[r.IntN(8)], "X-99"
	switch {
	case kind == "sign" && len(f.Gates) > 0:
		subject = f.Gates[r.IntN(len(f.Gates))].ID
	case kind == "decide" && len(f.Decisions) > 0:
		subject = f.Decisions[r.IntN(len(f.Decisions))].ID
	case strings.HasPrefix(kind, "answer") && len(f.Questions) > 0:
		subject = f.Questions[r.IntN(len(f.Questions))].ID
	case len(f.Tasks) > 0:
		subject = string(f.Tasks[r.IntN(len(f.Tasks))].ID)
	}
	return acts[kind][r.IntN(len(acts[kind]))], kind + ":" + subject
}

// offered presses some of what messages offer: it is carried out, or its form is shown.
func (p *presser) offered(f *engagement.Facts, r *rand.Rand) {
	p.T.Helper()
	aud, err := p.Store.Audience(p.T.Context(), f, false)
	town.Check(p.T, err)
	aud.All = true
	nudges := reminders.Nudges(f, aud, p.Now())
	for range min(4, len(nudges)) {
		n := nudges[r.IntN(len(nudges))]
		if len(n.Acts) == 0 {
			continue
		}
		act := n.Acts[r.IntN(len(n.Acts))]
		p.tried["offered"]++
		if outcome := p.presses(n.To, act, n.Item.Key()); strings.HasPrefix(outcome, "refused: ") {
			p.T.Errorf("%s: %s is offered %s of %s, and then: %s", p.Now(), n.To, act, n.Item.Key(), outcome)
		}
	}
}
