package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	wire "tickmark/activities/slack"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// owes returns what a person is asked for at present, over all their engagements: whatever its date, the worst first.
func (v visit) owes(ctx context.Context, p models.Person, lines int) (reminders.Message, error) {
	return v.s.Owed(ctx, p, v.desk.Post.SendsMail(), lines, v.desk.Now())
}

// mostBlocks is how many blocks the engagements of a status take, of the 50 of a message.
const mostBlocks = 40

// everything is more lines than anybody's work has: their home has them all, by pages.
const everything = 1 << 20

// home shows somebody a page of their work, counted from 0, with something to say on top.
func (v visit) home(ctx context.Context, news string, page int) error {
	p, actor, err := v.who(ctx)
	if text, refused := models.Sorry(err); refused {
		if models.CodeOf(err) == models.NotFound {
			text = "Tickmark does not know this Slack account yet: ask your project manager to add you, with the address that you use here."
		}
		v.desk.Slack.Publish(ctx, v.ws.Secrets.Token, v.user, wire.Home{Message: reminders.Message{Intro: text}})
		return nil
	} else if err != nil {
		return err
	}
	m, err := v.owes(ctx, p, everything)
	if err != nil {
		return err
	}
	stand, err := v.stand(ctx, p, actor)
	if err != nil {
		return err
	}
	m.Sections = append(m.Sections, stand...)
	v.desk.Slack.Publish(ctx, v.ws.Secrets.Token, v.user, wire.Home{News: news, Message: m, Page: page})
	return nil
}

// slash answers the command /tickmark: what somebody owes, or how an engagement stands.
func (v visit) slash(ctx context.Context) (string, error) {
	c, err := wire.ReadSlash(v.in.Body)
	if err != nil {
		return "it cannot be read", nil
	}
	v.user, v.reply = c.User, c.Reply
	p, actor, err := v.who(ctx)
	if text, refused := models.Sorry(err); refused {
		if models.CodeOf(err) == models.NotFound {
			text = "Tickmark does not know this Slack account yet: ask your project manager to add you, with the address that you use here."
		}
		return "refused", v.say(ctx, text)
	} else if err != nil {
		return "", err
	}
	word, rest, _ := strings.Cut(strings.TrimSpace(c.Text), " ")
	var m reminders.Message
	switch strings.ToLower(word) {
	case "", "mine":
		if m, err = v.owes(ctx, p, v.desk.Root.Catalog.Reminders.Defaults.Lines); err != nil {
			return "", err
		}
		switch { // the command answers; the home and the messages have the buttons
		case m.More > 0:
			m.Footer = strings.TrimSpace("The home of this app has all of it, with buttons. " + m.Footer)
		case len(m.Lines()) > 0:
			m.Footer = strings.TrimSpace("The home of this app has buttons for each. " + m.Footer)
		}
		m = wire.Aside(m)
	case "status":
		if m, err = v.status(ctx, p, actor, strings.TrimSpace(rest), mostBlocks); err != nil {
			return "", err
		}
	default:
		return "help", v.say(ctx, "/tickmark shows what waits for you. /tickmark status shows how your engagements stand; add a name to see "+
			"one of them only.")
	}
	return "answered", v.answered(ctx, v.desk.Slack.Show(ctx, v.reply, m))
}

// status says how the engagements of somebody stand, as far as it is theirs to see: as many as fit into so many blocks.
func (v visit) status(ctx context.Context, p models.Person, a engagement.Actor, name string, blocks int) (reminders.Message, error) {
	m := reminders.Message{Subject: "Engagements", Intro: "How your engagements stand."}
	ids, err := v.s.EngagementsOf(ctx, p, models.DateIn(v.desk.Now(), models.Zone(p.TimeZone)))
	if err != nil {
		return m, err
	}
	var lines []engagement.Line
	for _, id := range ids {
		f, err := v.s.Facts(ctx, id, engagement.Need{})
		if err != nil {
			return m, err
		}
		e := f.Engagement
		if !a.SeesEngagement(e, v.desk.Now()) || !called(f, name) {
			continue
		}
		lines = append(lines, v.named(f, a, statusLine(f.ReportFor(a, v.desk.Now()))))
	}
	if len(lines) == 0 {
		m.Intro = "No engagement of yours is running."
		if name != "" {
			m.Intro = fmt.Sprintf("No running engagement of yours has %q in its name.", wire.Clip(name, 60))
		}
		return m, nil
	}
	most := blocks
	if slices.ContainsFunc(lines, func(l engagement.Line) bool { return len(l.Acts) > 0 }) {
		most /= 2 // the buttons of a line are a block
	}
	m.Sections = []reminders.Section{{Title: "Where it stands", Lines: lines[:min(most, len(lines))]}}
	if m.More = max(0, len(lines)-most); m.More > 0 {
		m.Footer = "Type /tickmark status and a part of a name to see those with it; tickmark engagement list has all of them."
	}
	return m, nil
}

// named lets a line that names an engagement offer what its reader may do about it as a whole: pause it, or let it go on.
func (v visit) named(f *engagement.Facts, a engagement.Actor, l engagement.Line) engagement.Line {
	it := engagement.Item{Engagement: f.Engagement.ID, Kind: engagement.ItemEngagement, Subject: string(f.Engagement.ID)}
	if acts := f.Offers(a, it, v.desk.Now()); len(acts) > 0 {
		l.Engagement, l.Item, l.Acts = f.Engagement.ID, it.Key(), acts
	}
	return l
}

// stand are the engagements about which somebody may do something as a whole, to be named at the end of their home.
func (v visit) stand(ctx context.Context, p models.Person, a engagement.Actor) ([]reminders.Section, error) {
	if engagement.ReachOf(a.Role, "resumeEngagement") == engagement.ReachNone {
		return nil, nil
	}
	m, err := v.status(ctx, p, a, "", everything)
	if err != nil {
		return nil, err
	}
	for i := range m.Sections {
		m.Sections[i].Title = "Your engagements"
		m.Sections[i].Lines = models.Keep(m.Sections[i].Lines, func(l engagement.Line) bool { return len(l.Acts) > 0 })
	}
	return models.Keep(m.Sections, func(s reminders.Section) bool { return len(s.Lines) > 0 }), nil
}

// called reports whether an engagement has a text in its name, its id or the name of its client, in whatever case.
func called(f *engagement.Facts, text string) bool {
	names := f.Engagement.Name + " " + string(f.Engagement.ID) + " " + f.Client.Name
	return strings.Contains(strings.ToLower(names), strings.ToLower(text))
}

// missedNamed is how many missed controls a status in Slack names; of more it says how many, and what lists them.
const missedNamed = 3

// statusLine says how an engagement stands.
func statusLine(r engagement.Report) engagement.Line {
	l := engagement.Line{Title: r.Engagement.Name}
	var parts, phases []string
	if r.Health != "" {
		parts = append(parts, strings.ReplaceAll(string(r.Health), "_", " "))
	}
	if r.Engagement.Status == engagement.StatusPaused {
		parts = append(parts, engagement.PausedSince(r.Engagement.PausedOn, r.Engagement.PausedUntil()))
	}
	for _, p := range r.Phases {
		if p.Standing == engagement.StandingActive {
			phases = append(phases, p.Name)
		}
	}
	if len(phases) > 0 {
		parts = append(parts, "now in "+strings.Join(phases, ", "))
	}
	parts = append(parts, fmt.Sprintf("%d%% of the planned work is done", r.Percent))
	for _, p := range r.Forecast.Reports {
		name := "report"
		if len(r.Forecast.Reports) > 1 {
			name = p.Kind.Name()
		}
		if !p.Issued.IsZero() {
			parts = append(parts, fmt.Sprintf("%s issued on %s, promised for %s", name, models.Dated(p.Issued), models.Dated(p.Promised)))
		} else if !p.Expected.IsZero() {
			parts = append(parts, fmt.Sprintf("%s expected on %s, promised for %s", name, models.Dated(p.Expected), models.Dated(p.Promised)))
		}
	}
	l.Text = strings.Join(parts, "; ")
	var why []string
	for _, reason := range r.Reasons {
		if reason.Code != engagement.MissedCode { // all of them are named below
			why = append(why, models.WithWeekdays(models.Sentence(reason.Text)))
		}
	}
	why = why[:min(3, len(why))]
	if text := engagement.MissedWords(r.Engagement.ID, r.Missed, r.MissedTasks, missedNamed); text != "" {
		why = append(why, text)
	}
	l.Detail = strings.Join(why, " ")
	return l
}
