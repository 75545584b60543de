package slack

import (
	"slices"
	"strconv"
	"strings"

	"github.com/slack-go/slack"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// rendered is a message as Slack takes it: blocks for those who see, and the whole again as text, since screen readers and
// notifications have nothing else.
type rendered struct {
	Text   string
	Blocks []slack.Block
	thread string // in which it stands; empty: in none
	size   int    // characters of text in the blocks
}

// Slack's limits, with room to spare (slack-and-reliability.md 1.4).
const (
	maxLine = 900  // of one line of a message
	maxText = 3800 // of the text beside the blocks
)

// maxBlocks is how much text Slack takes in the blocks of a message, with room to spare: beyond about 13,000 characters it refuses.
const maxBlocks = 11_000

// Render makes Slack's form of a message. When there is too much of it, details go first, then the ends of titles: never a line.
func Render(m reminders.Message) rendered {
	r := layOut(m)
	for _, n := range []int{0, 100} {
		if r.size <= maxBlocks {
			break
		}
		short := m
		short.Sections = nil
		for _, s := range m.Sections {
			lines := slices.Clone(s.Lines)
			for i := range lines {
				lines[i].Detail = ""
				if n > 0 {
					lines[i].Title, lines[i].Text, lines[i].Where = Clip(lines[i].Title, n), Clip(lines[i].Text, n), Clip(lines[i].Where, n/2)
				}
			}
			short.Sections = append(short.Sections, reminders.Section{Title: s.Title, Lines: lines})
		}
		r = layOut(short)
	}
	r.thread = m.Thread
	return carrying(r, m.Words)
}

// layOut lays a message out in blocks. In its text the first line of what the greeting does not count stands with the greeting: that is
// what a telephone shows of it.
func layOut(m reminders.Message) rendered {
	var r rendered
	var text []string
	var lines []int // which of them are lines
	if m.Intro != "" {
		r.Blocks, text = append(r.Blocks, section(Clip(Escape(m.Intro), 2900))), append(text, m.Intro)
	}
	n := 0
	for i, s := range m.Sections {
		r.Blocks = append(r.Blocks, slack.NewHeaderBlock(slack.NewTextBlockObject(slack.PlainTextType, Clip(models.Tame(s.Title), 150), false,
			false)))
		ahead := i == 0 && len(text) > 0 && reminders.Uncounted(s.Title)
		if !ahead {
			text = append(text, "", s.Title)
		}
		for k, l := range s.Lines {
			n++
			if ahead && k == 0 { // a telephone shows the beginning, which would tell nothing
				text[0] += " " + s.Title + ": " + strings.TrimPrefix(inWords(l), "• ")
			} else {
				lines, text = append(lines, len(text)), append(text, inWords(l))
			}
			r.Blocks = append(r.Blocks, section(lineOf(l)))
			if len(l.Acts) > 0 && l.Done == "" {
				r.Blocks = append(r.Blocks, buttons(n, l))
			}
			if l.List != "" {
				r.Blocks = append(r.Blocks, showAll(n, len(l.All)+len(l.Whole), l.List))
			}
		}
	}
	if m.More > 0 {
		r.Blocks, text = append(r.Blocks, section(reminders.AndMore(m.More))), append(text, reminders.AndMore(m.More))
		if len(m.Rest) > 0 {
			r.Blocks = append(r.Blocks, showAll(n+1, m.More, reminders.ListOfRest))
		}
	}
	if m.Link.URL != "" { // what notifications show has no key
		r.Blocks, text = append(r.Blocks, section("<"+Escape(m.Link.URL)+"|"+Escape(m.Link.Text)+">")), append(text, m.Link.Text)
	}
	if m.Footer != "" {
		r.Blocks = append(r.Blocks, slack.NewContextBlock("",
			slack.NewTextBlockObject(slack.MarkdownType, Clip(Escape(m.Footer), 500), false, true)))
		text = append(text, "", m.Footer)
	}
	r.Text = aloud(text, lines)
	for _, b := range r.Blocks {
		if s, ok := b.(*slack.SectionBlock); ok {
			r.size += len([]rune(s.Text.Text))
		}
	}
	return r
}

// aloud joins the texts of a message into what screen readers and notifications have: escaped, and when it is too much, with the ends of
// lines cut off, none left out.
func aloud(text []string, lines []int) string {
	size := 0
	for i := range text {
		text[i] = Escape(text[i])
		size += len([]rune(text[i])) + 1
	}
	if size > maxText && len(lines) > 0 {
		rest := size
		for _, i := range lines {
			rest -= len([]rune(text[i]))
		}
		for _, i := range lines {
			text[i] = Clip(text[i], max(40, (maxText-rest)/len(lines)))
		}
	}
	return Clip(strings.Join(text, "\n"), maxText)
}

// inWords is a line without marks.
func inWords(l engagement.Line) string {
	if l.Done != "" {
		return l.Mark() + " " + l.Title + ": " + l.Done
	}
	s := "• " + l.Title
	if l.Where != "" {
		s += " (" + l.Where + ")"
	}
	for i, more := range someLines(l) {
		s += map[bool]string{true: ": ", false: ". "}[i == 0] + more
	}
	if l.Detail != "" {
		s += ". " + l.Detail
	}
	return s
}

// someLines are what is said of a line beside its title: when it is due, how much of it is settled, and the first few things for which it
// stands.
func someLines(l engagement.Line) []string {
	return slices.DeleteFunc([]string{l.Text, reminders.Settled(l), reminders.Named(l)}, func(s string) bool { return s == "" })
}

// lineOf writes a line in Slack's marks. What people typed is escaped: it mentions nobody and links to nothing.
func lineOf(l engagement.Line) string {
	title := Escape(Clip(l.Title, 300))
	if l.Done != "" {
		return l.Mark() + " ~" + unstruck(title) + "~: " + Escape(Clip(l.Done, 200))
	}
	parts := []string{"*" + title + "*"}
	if l.Where != "" {
		parts[0] += "  ·  " + Escape(Clip(l.Where, 120))
	}
	for _, more := range someLines(l) {
		parts = append(parts, Escape(Clip(more, 400)))
	}
	if l.Detail != "" {
		parts = append(parts, Escape(Clip(l.Detail, maxLine-300)))
	}
	return strings.Join(parts, "\n")
}

// buttons are what can be done about a line: the first two as buttons, the rest behind one.
func buttons(n int, l engagement.Line) slack.Block {
	value := string(l.Engagement) + "|" + l.Item
	block := slack.NewActionBlock("line-" + strconv.Itoa(n))
	for i, act := range l.Acts {
		if i == 2 && len(l.Acts) > 3 {
			var options []*slack.OptionBlockObject
			for _, a := range l.Acts[i:] {
				options = append(options, slack.NewOptionBlockObject(string(a)+"|"+value,
					slack.NewTextBlockObject(slack.PlainTextType, a.Label(), false, false), nil))
			}
			block.Elements.ElementSet = append(block.Elements.ElementSet, slack.NewOverflowBlockElement("more", options...))
			break
		}
		b := slack.NewButtonBlockElement(string(act), value, slack.NewTextBlockObject(slack.PlainTextType, act.Label(), false, false))
		b.AccessibilityLabel = Clip(act.Label()+": "+models.Tame(l.Title), 75)
		if i == 0 {
			b.Style = slack.StylePrimary
		}
		if act == engagement.ActSign { // others rely on it: not by a slip of the thumb
			b.Confirm = slack.NewConfirmationBlockObject(plain(act.Label()+"?", 100), plain(l.Title, 300), plain(act.Label(), 30),
				plain("Never mind", 30))
		}
		block.Elements.ElementSet = append(block.Elements.ElementSet, b)
	}
	return block
}

// maxValue is how long the value of a button may be.
const maxValue = 2000

// carrying gives words to the buttons of a message that answer a question, which are then the answer. Words that are too long for a button
// are asked for again by its form.
func carrying(r rendered, words string) rendered {
	for _, b := range r.Blocks {
		block, ok := b.(*slack.ActionBlock)
		if !ok || words == "" {
			continue
		}
		for _, e := range block.Elements.ElementSet {
			button, ok := e.(*slack.ButtonBlockElement)
			if !ok || button.ActionID != string(engagement.ActAnswer) {
				continue
			}
			if value := button.Value + "|" + words; len([]rune(value)) <= maxValue {
				button.Value, button.Text = value, plain("It answers this one", 75)
				button.AccessibilityLabel = ""
			}
		}
	}
	return r
}

// section is a paragraph in Slack's marks.
func section(markdown string) slack.Block {
	return slack.NewSectionBlock(slack.NewTextBlockObject(slack.MarkdownType, markdown, false, true), nil, nil)
}

// Escape makes what people typed fit for Slack's marks.
func Escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(models.Tame(s))
}

// unstruck keeps a text from ending the stroke through it.
func unstruck(s string) string { return strings.ReplaceAll(s, "~", "-") }

// Clip shortens a text to n characters, escaped or not.
func Clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	cut := string(r[:n-1])
	if i := strings.LastIndexByte(cut, '&'); i > len(cut)-6 && i >= 0 { // not in the middle of an escape
		cut = cut[:i]
	}
	return cut + "…"
}
