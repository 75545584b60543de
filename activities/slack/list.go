package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/slack-go/slack"

	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// What the buttons stand for that show more of what is there, and do nothing about it.
const (
	ActList    engagement.Act = "list"    // all of what one line stands for, or of what a message only counts
	ActEarlier engagement.Act = "earlier" // the page before
	ActLater   engagement.Act = "later"   // the page after
)

// PageLines is how many lines a page of a list, or of somebody's home, has. Two blocks each, with headings, are within the 100 that a view
// may have.
const PageLines = 20

// listID marks our lists among views.
const listID = "tickmark_list"

// A List is a list that lies open before somebody, as Slack keeps it with the view: which it is, and which page of it is shown.
type List struct {
	Mail string `json:"mail,omitempty"` // the delivery whose list it is; empty: that of their home
	Name string `json:"list"`
	Page int    `json:"page,omitempty"` // counted from 0
	View string `json:"view,omitempty"` // Slack's id of the view, where it lies under a form
}

// ParsePage returns the page for which a button of a list stands; the first where that is none.
func ParsePage(item string) int {
	n, err := strconv.Atoi(item)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// listView makes Slack's view of a page of a list: of what stands behind a line, with what can be done about each thing, and above it what
// was just done.
func listView(at List, l engagement.Line, news string) slack.ModalViewRequest {
	pages := Pages(len(l.All))
	at.Page, at.View = min(at.Page, pages-1), ""
	private, err := json.Marshal(at)
	if err != nil {
		panic(err) // texts can always be written
	}
	v := slack.ModalViewRequest{Type: slack.VTModal, Title: plain("All of them", 24), Close: plain("Close", 24), CallbackID: listID,
		PrivateMetadata: string(private)}
	add := func(b ...slack.Block) { v.Blocks.BlockSet = append(v.Blocks.BlockSet, b...) }
	if news != "" {
		add(section(Escape(Clip(news, 500))), slack.NewDividerBlock())
	}
	head := l
	head.All, head.Acts, head.Done = nil, nil, ""
	add(section(lineOf(head)))
	from := at.Page * PageLines
	for i, x := range l.All[from:min(from+PageLines, len(l.All))] {
		if at.Name != reminders.ListOfRest {
			x.Text, x.Where = "", "" // it stands above all of them
		}
		if add(section(lineOf(x))); len(x.Acts) > 0 && x.Done == "" {
			add(buttons(i+1, x))
		}
	}
	if pages > 1 {
		add(turn(at.Page, pages, len(l.All))...)
	}
	return v
}

// Pages returns how many pages so many lines take, one at least.
func Pages(lines int) int { return max(1, (lines+PageLines-1)/PageLines) }

// turn are the buttons to the page before and after, and which one is shown.
func turn(page, pages, lines int) []slack.Block {
	nav := slack.NewActionBlock("turn")
	button := func(act engagement.Act, to int, label string) {
		nav.Elements.ElementSet = append(nav.Elements.ElementSet,
			slack.NewButtonBlockElement(string(act), "|"+strconv.Itoa(to), plain(label, 75)))
	}
	if page > 0 {
		button(ActEarlier, page-1, "Earlier")
	}
	if page < pages-1 {
		button(ActLater, page+1, "Later")
	}
	from := page*PageLines + 1
	at := fmt.Sprintf("%d to %d of %d", from, min(from+PageLines-1, lines), lines)
	return []slack.Block{slack.NewContextBlock("", slack.NewTextBlockObject(slack.PlainTextType, at, false, false)), nav}
}

// showAll is the button that shows a list of a message.
func showAll(n, size int, list string) slack.Block {
	button := slack.NewButtonBlockElement(string(ActList), "|"+list, plain(reminders.ShowAll(size), 75))
	return slack.NewActionBlock("list-"+strconv.Itoa(n), button)
}

// OpenList shows a list to who pressed a button. It fails with expired when that was too long ago.
func (s *Slack) OpenList(ctx context.Context, token, trigger string, at List, l engagement.Line) reminders.Verdict {
	return s.ask(ctx, token, "views.open", func(ctx context.Context, x *exchange) error {
		r, err := x.api.OpenViewContext(ctx, trigger, listView(at, l, ""))
		return after(err, func() error { return shown("", r) })
	})
}

// ShowList shows a page of a list in the place of a view, and above it news, which may be empty.
func (s *Slack) ShowList(ctx context.Context, token, view string, at List, l engagement.Line, news string) {
	s.update(ctx, token, view, named{}, listView(at, l, news))
}

// A Home is what somebody's home shows: a page of all that waits for them.
type Home struct {
	News    string // what was just done; may be empty
	Message reminders.Message
	Page    int // counted from 0; beyond the last: the last
}

// homeView makes Slack's view of a home.
func homeView(h Home) slack.HomeTabViewRequest {
	lines := 0
	for _, s := range h.Message.Sections {
		lines += len(s.Lines)
	}
	pages := Pages(lines)
	h.Page = min(h.Page, pages-1)
	m := h.Message
	m.Sections = cutOut(m.Sections, h.Page*PageLines, PageLines)
	if h.Page > 0 {
		m.Intro = ""
	}
	var blocks []slack.Block
	if h.News != "" {
		blocks = append(blocks, section(Escape(Clip(h.News, 500))), slack.NewDividerBlock())
	}
	blocks = append(blocks, Render(m).Blocks...)
	if pages > 1 {
		blocks = append(blocks, turn(h.Page, pages, lines)...)
	}
	return slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}, PrivateMetadata: strconv.Itoa(h.Page)}
}

// cutOut returns so many lines of sections from one on, under their titles.
func cutOut(all []reminders.Section, from, n int) []reminders.Section {
	var out []reminders.Section
	for _, s := range all {
		skip := min(from, len(s.Lines))
		from -= skip
		take := min(n, len(s.Lines)-skip)
		n -= take
		if take > 0 {
			out = append(out, reminders.Section{Title: s.Title, Lines: s.Lines[skip : skip+take]})
		}
	}
	return out
}

// Publish shows somebody's home. A home that is not shown is shown when it is next opened.
func (s *Slack) Publish(ctx context.Context, token, user string, h Home) {
	s.ask(ctx, token, "views.publish", func(ctx context.Context, x *exchange) error {
		r, err := x.api.PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user, View: homeView(h)})
		return after(err, func() error { return shown("", r) })
	})
}

// listUnder reads the list that a view of ours is, from what Slack keeps with it; nil where it is none.
func listUnder(v slack.View) *List {
	var at List
	if v.CallbackID != listID || json.Unmarshal([]byte(v.PrivateMetadata), &at) != nil || at.Name == "" {
		return nil
	}
	at.View = v.ID
	return &at
}

// clicked returns a button that was pressed, and where.
func clicked(cb slack.InteractionCallback, what Subject) *Click {
	c := &Click{What: what, Trigger: cb.TriggerID, Home: cb.View.Type == slack.VTHomeTab, List: listUnder(cb.View),
		Channel: cb.Container.ChannelID, TS: cb.Container.MessageTs}
	if c.Home {
		c.Page = ParsePage(cb.View.PrivateMetadata)
	}
	c.What.List = c.List
	return c
}

// Aside returns a message that can be looked at and not acted on: without buttons.
func Aside(m reminders.Message) reminders.Message {
	for _, l := range m.Lines() {
		l.Acts = nil
	}
	for i := range m.Sections {
		for k := range m.Sections[i].Lines {
			m.Sections[i].Lines[k].List = ""
		}
	}
	m.Rest = nil
	return m
}
