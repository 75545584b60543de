package slack

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/slack-go/slack"

	"tickmark/activities/safely"
	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// formID marks our forms among views.
const formID = "tickmark_form"

// A subject is what a form is about. Slack keeps it with the form; it decides nothing that is not checked again.
type Subject struct {
	Act        engagement.Act      `json:"act"`
	Engagement models.EngagementID `json:"engagement"`
	Item       string              `json:"item"`
	// Words are what was typed before a button asked which question they answer; empty: nothing was.
	Words string `json:"-"`
	// List is the list over which the form lies; nil: it lies over none.
	List *List `json:"list,omitempty"`
}

func plain(text string, n int) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, Clip(models.Tame(text), n), false, false)
}

// maxNote is how long the note of a form may be: what a decision moves, in sentences.
const maxNote = 2500

// modal makes Slack's form of a form, over a list where over is none but nil. values are what somebody has answered already, problem what
// was wrong with it.
func modal(f engagement.Form, over *List, values map[string]string, problem string) slack.ModalViewRequest {
	private, err := json.Marshal(Subject{Act: f.Act, Engagement: f.Engagement, Item: f.Item, List: over})
	if err != nil {
		panic(err) // texts can always be written
	}
	v := slack.ModalViewRequest{Type: slack.VTModal, Title: plain(f.Title, 24), Submit: plain(f.Submit, 24), Close: plain("Never mind", 24),
		CallbackID: formID, PrivateMetadata: string(private)}
	if problem != "" {
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, section(":warning: "+Escape(Clip(problem, 500))))
	}
	v.Blocks.BlockSet = append(v.Blocks.BlockSet, section("*"+Escape(Clip(f.About, 500))+"*"))
	if f.Note != "" {
		v.Blocks.BlockSet = append(v.Blocks.BlockSet,
			slack.NewContextBlock("", slack.NewTextBlockObject(slack.MarkdownType, Clip(Escape(f.Note), maxNote), false, true)))
	}
	for _, field := range f.Fields {
		if value, ok := values[field.Name]; ok {
			field.Value = value
		}
		in := slack.NewInputBlock(field.Name, plain(field.Label, 100), nil, input(field))
		in.Optional = field.May
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, in)
	}
	return v
}

// input is how a field is asked for.
func input(field engagement.Field) slack.BlockElement {
	switch field.Kind {
	case engagement.FieldDay:
		e := slack.NewDatePickerBlockElement(field.Name)
		e.InitialDate = field.Value
		return e
	case engagement.FieldChoice:
		var options []*slack.OptionBlockObject
		var first *slack.OptionBlockObject
		for _, o := range field.Options {
			option := slack.NewOptionBlockObject(o.Value, plain(o.Label, 75), nil)
			options = append(options, option)
			if o.Value == field.Value {
				first = option
			}
		}
		e := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Choose", 75), field.Name, options...)
		e.InitialOption = first
		return e
	}
	e := slack.NewPlainTextInputBlockElement(nil, field.Name)
	e.Multiline, e.InitialValue, e.MaxLength = true, field.Value, 2000
	return e
}

// answers returns what somebody answered.
func answers(v slack.View) map[string]string {
	out := map[string]string{}
	if v.State == nil {
		return out
	}
	for block, actions := range v.State.Values {
		for _, a := range actions {
			out[block] = strings.TrimSpace(a.Value + a.SelectedDate + a.SelectedOption.Value)
		}
	}
	return out
}

// notice is a view that only says something.
func notice(title, text, private string) slack.ModalViewRequest {
	v := slack.ModalViewRequest{Type: slack.VTModal, Title: plain(title, 24), Close: plain("Close", 24),
		CallbackID: formID, PrivateMetadata: private}
	v.Blocks.BlockSet = []slack.Block{section(Escape(Clip(text, 2000)))}
	return v
}

// Saving answers a form that was sent: it turns into a note that says so while the desk carries it out, since Slack gives three seconds
// and a commit may take longer. private is what Slack keeps with the form, and noted the note's name, as in Sent.
func Saving(private, noted string) any {
	if len(private) > 3000 {
		private = ""
	}
	view := notice("One moment", "This is being noted…", private)
	view.ExternalID = noted
	return map[string]any{"response_action": "update", "view": view}
}

// OpenForm shows a form to who pressed a button, over the list in which that was where over is not nil. It fails with expired when that was
// too long ago.
func (s *Slack) OpenForm(ctx context.Context, token, trigger string, f engagement.Form, over *List) reminders.Verdict {
	if over != nil {
		return s.ask(ctx, token, "views.push", func(ctx context.Context, x *exchange) error {
			r, err := x.api.PushViewContext(ctx, trigger, modal(f, over, nil, ""))
			return after(err, func() error { return shown("", r) })
		})
	}
	return s.ask(ctx, token, "views.open", func(ctx context.Context, x *exchange) error {
		r, err := x.api.OpenViewContext(ctx, trigger, modal(f, nil, nil, ""))
		return after(err, func() error { return shown("", r) })
	})
}

// AskAgain shows a form that was sent again, with what somebody answered already and what was wrong with it.
func (s *Slack) AskAgain(ctx context.Context, token string, sent Sent, f engagement.Form, problem string) {
	s.follow(ctx, token, sent, modal(f, sent.What.List, sent.Values, problem))
}

// Became puts what became of a form that was sent in its place.
func (s *Slack) Became(ctx context.Context, token string, sent Sent, title, text string) {
	s.follow(ctx, token, sent, notice(title, text, ""))
}

// Note puts a view that only says something in the place of another.
func (s *Slack) Note(ctx context.Context, token, view, title, text string) {
	s.update(ctx, token, view, named{}, notice(title, text, ""))
}

// How long it is waited for that a form turns into the note that it is being noted: longer each time, 2.5 s in all. Slack takes that note
// for three seconds after it has told of the form.
const (
	firstLook = 20 * time.Millisecond
	lastLook  = 1280 * time.Millisecond
)

// neverHad is a hash that no view of Slack has.
const neverHad = "none"

// follow puts a view in the place of the note into which a form turned when it was sent. The door's answer that brings the note and this
// call go to Slack by different ways: whoever is quicker than the note would be written over by it, and the form would say for ever that it
// is being noted. So the note is called by its name, which Slack does not know before it shows the note. When the note does not come,
// because the answer was lost, the view takes the place of the form. Who has closed the form is not waited for.
func (s *Slack) follow(ctx context.Context, token string, sent Sent, with slack.ModalViewRequest) {
	const notFound = "not_found"
	for wait := firstLook; sent.Noted != "" && wait <= lastLook; wait *= 2 {
		if s.update(ctx, token, sent.View, named{external: sent.Noted}, with) != notFound {
			return
		}
		if s.update(ctx, token, sent.View, named{hash: neverHad}, with) == notFound { // this only asks whether it is open
			return
		}
		if safely.Rest(ctx, wait, nil) != nil {
			return
		}
	}
	s.update(ctx, token, sent.View, named{}, with)
}

// named is by what a view is called besides its id: by the name that we gave it, or as it was when it had a hash. Both may be empty.
type named struct{ external, hash string }

// update changes a view that is shown, and returns Slack's word against it, if there is one. Who has closed it meanwhile sees nothing, and
// misses nothing: what it said is done.
func (s *Slack) update(ctx context.Context, token, view string, by named, with slack.ModalViewRequest) (refused string) {
	id := view
	if by.external != "" {
		id = ""
	}
	s.ask(ctx, token, "views.update", func(ctx context.Context, x *exchange) error {
		r, err := x.api.UpdateViewContext(ctx, with, by.external, by.hash, id)
		refused = x.said.Error
		return after(err, func() error { return shown(view, r) })
	})
	return refused
}
