package reminders_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
	"tickmark/models/reminders"
)

// What a tired reader stumbles over, whatever a message is about.
var (
	aDate     = regexp.MustCompile(`(?:(Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?(\d{4}-\d{2}-\d{2})`)
	aSpan     = regexp.MustCompile(`\d\.\.\d`) // as the record has it
	aDayTwice = regexp.MustCompile(`(\d{4}-\d{2}-\d{2})(?:, promised for| instead of|, due) (?:\w{3} )?(\d{4}-\d{2}-\d{2})`)
	machine   = regexp.MustCompile(`\b[a-z]+_[a-z0-9_]+\b`)                           // a name of ours
	aTemplate = regexp.MustCompile(`^[A-Z][A-Z0-9]-\d{2}\b`)                          // an id where a title is to be
	whose     = regexp.MustCompile(`waits for an? (approval|answer|signature) since`) // of whom?
	unread    = regexp.MustCompile(`\d+ questions? to answer|\bupload`)               // what can be read nowhere, or not be done
	aGate     = regexp.MustCompile(`\bG-[A-Z0-9]+-\d+\b`)
	ofNothing = regexp.MustCompile(`\(\d+ more,|business days? after (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) `) // more of what, after what
	// those of a cause are in the status, with their kind
	counting = regexp.MustCompile(`\band \d+ more(\.|;|,|$)`)
	ofOne    = regexp.MustCompile(`\b(do it|accept it|return it|if it is still open|it goes to|was due|without it)\b`)
	greeting = regexp.MustCompile(`^Hello [^.]+\.$`)
	empty    = regexp.MustCompile(`\(\)|: *$|, *$|\bfor \.|  |\.\.$|“”`)
)

// misread returns what is wrong with a message for whoever reads it: a date without its weekday or with a wrong one, a word or a sentence
// twice, the same day twice in a row, a name that only machines have, words that are missing, several of which is spoken as of one, a count
// without its list, what waits without for whom, what is asked and cannot be read or done, a preview that says nothing. What people wrote
// is theirs.
func misread(m reminders.Message) (wrong []string) {
	if greeting.MatchString(m.Intro) && len(m.Sections) > 0 && !reminders.Uncounted(m.Sections[0].Title) { // these are read on with it
		wrong = append(wrong, "a preview shows only a greeting: "+m.Intro)
	}
	says := func(l *engagement.Line, what ...string) {
		for _, w := range what {
			wrong = append(wrong, fmt.Sprintf("%s: %q: %q %q", w, l.Title, l.Text, l.Detail))
		}
	}
	for _, s := range append(slices.Clone(m.Sections), m.Rest...) {
		for _, l := range s.Lines {
			says(&l, miscounted(m, l)...)
		}
	}
	sentences := map[string]bool{}
	for _, l := range append(m.Lines(), &engagement.Line{Title: m.Subject, Text: m.Intro, Detail: m.Footer}) {
		ours := oursIn(l)
		says(l, misdated(l, ours)...)
		says(l, misworded(l, ours)...)
		for _, s := range strings.SplitAfter(l.Detail, ". ") {
			if key := string(l.Engagement) + strings.TrimSpace(s); len(s) > 60 && sentences[key] && expects.MatchString(s) {
				says(l, "a sentence twice in a message")
			} else {
				sentences[key] = true
			}
		}
	}
	return wrong
}

// miscounted returns what is wrong with a line of a message that stands for several things, or counts them.
func miscounted(m reminders.Message, l engagement.Line) (wrong []string) {
	if len(l.All) > 0 && ofOne.MatchString(l.Text+" "+l.Detail) {
		wrong = append(wrong, "of several as of one")
	}
	ours := quotes.ReplaceAllString(l.Text+"; "+l.Detail, "")
	if all, listed := m.Listed(l.List); counting.MatchString(ours) && (!listed || len(all.All) == 0) {
		wrong = append(wrong, "a count without a list")
	}
	return wrong
}

// oursIn returns what we say in a line: without what people wrote, and without the name of a task.
func oursIn(l *engagement.Line) string {
	title := l.Title
	if kind, _ := engagement.ParseItem(l.Item); kind == engagement.ItemDo || kind == engagement.ItemAccept || kind == engagement.ItemUnblock {
		title = ""
	}
	return quotes.ReplaceAllString(title+"\n"+l.Text+"\n"+l.Detail, "“…”")
}

// misdated returns what is wrong with the days in a line.
func misdated(l *engagement.Line, ours string) (wrong []string) {
	for _, d := range aDate.FindAllStringSubmatch(ours, -1) {
		day, err := models.ParseDate(d[2])
		if err != nil || d[1] != day.Weekday().String()[:3] {
			wrong = append(wrong, "a date without its weekday")
			break
		}
	}
	if twice := aDayTwice.FindStringSubmatch(l.Text); twice != nil && twice[1] == twice[2] {
		wrong = append(wrong, "a day twice")
	}
	return wrong
}

// misworded returns what is wrong with the words of a line.
func misworded(l *engagement.Line, ours string) (wrong []string) {
	if aSpan.MatchString(ours) || machine.MatchString(ours) || aTemplate.MatchString(l.Title) {
		wrong = append(wrong, "a name of ours")
	}
	for _, part := range strings.Split(ours, "\n") {
		if empty.MatchString(part) {
			wrong = append(wrong, "words are missing")
		}
		if doubled(part) {
			wrong = append(wrong, "a word twice")
		}
	}
	for what, kind := range map[string]*regexp.Regexp{"not of whom": whose, "what nobody can read or do": unread, "a name of ours": aGate,
		"a number of nothing": ofNothing} {
		if kind.MatchString(ours) {
			wrong = append(wrong, what)
		}
	}
	return wrong
}

// quotes are what people wrote.
var quotes = regexp.MustCompile(`“[^”]*”`)

// doubled reports whether a word stands twice in a row.
func doubled(text string) bool {
	words := strings.Fields(strings.ToLower(text))
	for i := 1; i < len(words); i++ {
		if words[i] == words[i-1] && strings.Trim(words[i], "abcdefghijklmnopqrstuvwxyz") == "" {
			return true
		}
	}
	return false
}

// Nobody stumbles over what they read, whatever people have made of an engagement: in random lives every daily message that everybody would
// get, with all that is told at once, is read as a tired control owner reads it.
func TestMessagesReadWell(t *testing.T) {
	t.Parallel()
	read, news := 0, 0
	for seed := range 14 {
		r := rand.New(rand.NewPCG(uint64(seed), 15))
		d := modelstest.SomeLife(t, r)
		for range 12 {
			if d.Sensibly(r); r.IntN(3) == 0 {
				d.Pass(d.Now.Add(time.Duration(r.IntN(60*24*12)) * time.Minute))
			}
			aud := modelstest.Audience(d.Facts)
			aud.All = true
			by := map[models.PersonID]*reminders.Digesting{}
			of := func(id models.PersonID) *reminders.Digesting {
				if by[id] == nil && aud.People[id] != nil {
					by[id] = &reminders.Digesting{To: aud.People[id], Limit: 40, Names: map[models.EngagementID]string{}}
				}
				return by[id]
			}
			for _, n := range reminders.Nudges(d.Facts, aud, d.Now) {
				g := of(n.To)
				g.Nudges = append(g.Nudges, n)
			}
			for _, n := range d.Notices {
				if l, ok := reminders.LineOf(d.Loaded(needOf(n)), n); ok && of(n.To) != nil {
					of(n.To).News = append(of(n.To).News, l)
					news++
				}
			}
			d.Notices = nil
			for id, g := range by {
				m, _ := g.Digest()
				read++
				for _, wrong := range misread(m) {
					t.Errorf("life %d, to %s: %s", seed, id, wrong)
				}
			}
			if t.Failed() {
				return
			}
		}
	}
	if read < 300 || news < 40 {
		t.Errorf("only %d messages with %d news were read", read, news)
	}
}

// needOf returns what has to be there to put a notice into words, which may be about what is closed.
func needOf(n engagement.Notice) engagement.Need {
	switch n.Kind {
	case engagement.NoticeAnswered, engagement.NoticeApproval, engagement.NoticeWithdrawn:
		return engagement.Need{Decision: n.Subject}
	case engagement.NoticeAsked, engagement.NoticeReplied, engagement.NoticeReopened, engagement.NoticeDropped:
		return engagement.Need{Tasks: []models.TaskID{models.TaskID(n.Subject)}, Questions: []string{n.Subject}}
	case engagement.NoticeSaid:
		return engagement.Need{Tasks: []models.TaskID{models.TaskID(n.Subject)}}
	}
	return engagement.Need{}
}
