package sandbox

import (
	"cmp"
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	slackfake "tickmark/activities/fake/slack"
	"tickmark/models"
)

//go:embed page.html
var pageText string

//go:embed page.js
var script string

//go:embed page.css
var style string

var page = template.Must(template.New("").Funcs(template.FuncMap{"within": within}).Parse(pageText))

// A laid is some lines to be laid out, and whether they stand where the home is shown.
type laid struct {
	Lines []line
	Home  bool
}

func within(lines []line, home bool) laid { return laid{lines, home} }

// handler answers Tickmark as Slack would, and people with the page.
func (s *Sandbox) handler() http.Handler {
	mux := http.NewServeMux()
	for _, each := range s.routes() {
		do := each.do
		if each.asks == asksKey {
			do = s.known(do)
		}
		mux.HandleFunc(each.pattern, do)
	}
	return s.options.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy",
			"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "+
				"base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin") // pages of other origins are refused, and ours say that they are ours
		h.Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	}))
}

func text(w http.ResponseWriter, kind, body string) {
	w.Header().Set("Content-Type", kind+"; charset=utf-8")
	_, _ = w.Write([]byte(body)) // who hung up gets nothing
}

// A shown is what the page shows.
type shown struct {
	Day      string
	People   []person
	Channels []person
	Who      person
	Home     bool
	Channel  bool
	Items    []item
	Modal    *modal
	Problem  string
}

// A person is an account, or a channel, in the list at the side.
type person struct {
	ID, Name string
	Count    int // messages
	Here     bool
}

// An item is a message, or an answer that only one person sees.
type item struct {
	At      string
	By      string // who wrote it
	Private bool
	Edited  bool
	TS      string // under which a reply may be written; empty: under none
	Thread  bool   // it is itself a reply
	Lines   []line
	sort    time.Time
}

type modal struct {
	ID, Title, Submit, Close string
	Lines                    []line
}

func (s *Sandbox) show(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	p := shown{Problem: s.problemOf(q), Home: q.Get("tab") == "home"}
	p.People, p.Channels = s.everybody(q.Get("at")), s.channels(q.Get("at"))
	if q.Get("at") == "" && len(p.People) > 0 { // whoever has most to read
		most := slices.MaxFunc(p.People, func(a, b person) int { return cmp.Compare(a.Count, b.Count) })
		for i := range p.People {
			p.People[i].Here = p.People[i].ID == most.ID
		}
	}
	for _, one := range slices.Concat(p.People, p.Channels) {
		if one.Here {
			p.Who, p.Channel = one, strings.HasPrefix(one.Name, "#")
		}
	}
	p.Day = s.today(p.Who)
	s.fill(&p)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := page.Execute(w, p); err != nil {
		s.log.Info("the sandbox's page was not shown whole", "error", err)
	}
}

// everybody lists the people of the workspace by name; at is where somebody looks.
func (s *Sandbox) everybody(at string) (all []person) {
	for _, u := range s.slack.Users(team) {
		if !u.IsBot && !u.Deleted {
			all = append(all, person{ID: u.ID, Name: u.RealName, Count: len(s.slack.MessagesTo(team, u.ID)), Here: u.ID == at})
		}
	}
	slices.SortFunc(all, func(a, b person) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return all
}

// channels lists the channels that are no direct messages; at is where somebody looks.
func (s *Sandbox) channels(at string) (all []person) {
	for _, c := range s.slack.Channels(team) {
		if !c.IsIM && !c.IsMPIM {
			all = append(all, person{ID: c.ID, Name: "#" + c.Name, Count: len(s.slack.Messages(team, c.ID)), Here: c.ID == at})
		}
	}
	return all
}

// fill adds what stands where somebody looks.
func (s *Sandbox) fill(p *shown) {
	switch {
	case p.Who.ID == "":
		return
	case p.Channel:
		for _, m := range s.slack.Messages(team, p.Who.ID) {
			p.Items = append(p.Items, s.message(m, p.Who.ID))
		}
		return
	case p.Home:
		if home, ok := s.slack.Home(team, p.Who.ID); ok {
			p.Items = []item{{Lines: lines(home.Blocks, place{view: home.ID, user: p.Who.ID})}}
		}
	default:
		p.Items = s.direct(p.Who.ID)
	}
	if v, ok := s.slack.OpenView(team, p.Who.ID); ok {
		p.Modal = &modal{ID: v.ID, Title: textOf(v.Title), Submit: textOf(v.Submit), Close: textOf(v.Close),
			Lines: lines(v.Blocks, place{view: v.ID, user: p.Who.ID})}
	}
}

// direct returns the direct messages of a person, and the answers to what they did that only they see, in the order of time.
func (s *Sandbox) direct(user string) (items []item) {
	for _, m := range s.slack.MessagesTo(team, user) {
		items = append(items, s.message(m, user))
	}
	for _, r := range s.slack.Responses(team, user) {
		if r.ReplaceOriginal || r.DeleteOriginal {
			continue
		}
		one := item{At: s.stamp(r.At, user), By: "Tickmark", Private: true, sort: r.At, Lines: lines(r.Blocks, place{user: user})}
		if len(r.Blocks) == 0 {
			one.Lines = []line{{Kind: "text", HTML: markdown(r.Text)}}
		}
		items = append(items, one)
	}
	slices.SortStableFunc(items, func(a, b item) int { return a.sort.Compare(b.sort) })
	return items
}

func textOf(t *slackfake.Text) string {
	if t == nil {
		return ""
	}
	return t.Text
}

func (s *Sandbox) message(m slackfake.Message, user string) item {
	one := item{At: s.stamp(m.PostedAt, user), By: s.author(m), Edited: m.Edits > 0, sort: m.PostedAt, TS: m.TS,
		Thread: m.ThreadTS != "" && m.ThreadTS != m.TS,
		Lines:  lines(m.Blocks, place{channel: m.Channel, ts: m.TS, user: user})}
	if len(m.Blocks) == 0 {
		one.Lines = []line{{Kind: "text", HTML: markdown(m.Text)}}
	}
	return one
}

// author names who wrote a message.
func (s *Sandbox) author(m slackfake.Message) string {
	if u, ok := s.slack.User(team, m.User); ok && m.Bot == "" {
		return u.RealName
	}
	return "Tickmark"
}

// stamp is an instant in engagement time, as messages bear it where somebody is; in UTC, which is said, for who is nobody, as a channel.
func (s *Sandbox) stamp(real time.Time, who string) string {
	if u, ok := s.slack.User(team, who); ok {
		return s.clock.At(real).In(models.Zone(u.TimeZone)).Format("Mon 2006-01-02 15:04")
	}
	return s.clock.At(real).UTC().Format("Mon 2006-01-02 15:04 UTC")
}

// today says which day and time it is where somebody is.
func (s *Sandbox) today(who person) string {
	now := s.clock.At(time.Now())
	u, ok := s.slack.User(team, who.ID)
	if !ok {
		return now.UTC().Format("Monday, 2006-01-02 15:04 UTC")
	}
	return now.In(models.Zone(u.TimeZone)).Format("Monday, 2006-01-02 15:04") + " where " + u.RealName + " is (" + u.TimeZone + ")"
}

// act does what somebody did on the page, and shows it again. What Slack would refuse is said.
func (s *Sandbox) act(do func(r *http.Request, user string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
		err := r.ParseForm()
		q := url.Values{"at": {r.Form.Get("user")}}
		if err == nil {
			err = do(r, r.Form.Get("user"))
		}
		if r.Form.Get("tab") == "home" {
			q.Set("tab", "home")
		}
		if err != nil {
			s.problem(q, err.Error())
		}
		time.Sleep(250 * time.Millisecond) // so that what comes of it is there when the page is
		http.Redirect(w, r, "/?"+q.Encode()+"#end", http.StatusSeeOther)
	}
}

func (s *Sandbox) click(r *http.Request, user string) error {
	p := slackfake.Press{Team: team, User: user, Channel: r.Form.Get("channel"), TS: r.Form.Get("ts"), View: r.Form.Get("view"),
		Block:  r.Form.Get("block"),
		Action: r.Form.Get("action"), Value: r.Form.Get("value")}
	return answered(s.slack.Click(p))
}

func (s *Sandbox) submit(r *http.Request, _ string) error {
	values := map[string]string{}
	for name := range r.PostForm {
		if block, ok := strings.CutPrefix(name, "input:"); ok && r.PostForm.Get(name) != "" {
			values[block] = r.PostForm.Get(name)
		}
	}
	return answered(s.slack.Submit(r.Form.Get("view"), values))
}

func (s *Sandbox) command(r *http.Request, user string) error {
	typed := strings.TrimSpace(r.Form.Get("text"))
	if r.Form.Get("tab") == "home" {
		return answered(s.slack.AppHomeOpened(team, user))
	}
	if !strings.HasPrefix(typed, "/") { // what is typed to the app, as Slack keeps it
		kept := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(typed)
		_, a, err := s.slack.Type(slackfake.Typed{Team: team, User: user, Text: kept, Thread: r.Form.Get("thread")})
		return answered(a, err)
	}
	text := strings.TrimSpace(strings.TrimPrefix(typed, "/tickmark"))
	return answered(s.slack.Command(slackfake.SlashCommand{Team: team, User: user, Command: "/tickmark", Text: text}))
}

// answered turns an answer that is none into an error.
func answered(a slackfake.Answer, err error) error {
	if err == nil && !a.OK() {
		err = fmt.Errorf("answered %d by Tickmark", a.Status)
	}
	return err
}
