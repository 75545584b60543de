package slack

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/slack-go/slack"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// FormID marks our forms among views.
const FormID = "tickmark_form"

// A subject is what a form is about. Slack keeps it with the form; it decides nothing that is not checked again.
type Subject struct {
	Act        engagement.Act      `json:"act"`
	Engagement models.EngagementID `json:"engagement"`
	Item       string              `json:"item"`
}

func plain(text string, n int) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, Clip(models.Tame(text), n), false, false)
}

// Modal makes Slack's form of a form. values are what somebody has answered already, problem what was wrong with it.
func Modal(f engagement.Form, values map[string]string, problem string) slack.ModalViewRequest {
	private, err := json.Marshal(Subject{f.Act, f.Engagement, f.Item})
	if err != nil {
		panic(err) // texts can always be written
	}
	v := slack.ModalViewRequest{Type: slack.VTModal, Title: plain(f.Title, 24), Submit: plain(f.Submit, 24), Close: plain("Never mind", 24), CallbackID: FormID, PrivateMetadata: string(private)}
	if problem != "" {
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, Section(":warning: "+Escape(Clip(problem, 500))))
	}
	v.Blocks.BlockSet = append(v.Blocks.BlockSet, Section("*"+Escape(Clip(f.About, 500))+"*"))
	if f.Note != "" {
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, slack.NewContextBlock("", slack.NewTextBlockObject(slack.MarkdownType, Clip(Escape(f.Note), 500), false, true)))
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

// Answers returns what somebody answered.
func Answers(v slack.View) map[string]string {
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

// Notice is a view that only says something.
func Notice(title, text, private string) slack.ModalViewRequest {
	v := slack.ModalViewRequest{Type: slack.VTModal, Title: plain(title, 24), Close: plain("Close", 24), CallbackID: FormID, PrivateMetadata: private}
	v.Blocks.BlockSet = []slack.Block{Section(Escape(Clip(text, 2000)))}
	return v
}

// Saving is what a form turns into while the desk carries it out: Slack gives three seconds, and a commit may take longer.
func Saving(private string) slack.ModalViewRequest {
	if len(private) > 3000 {
		private = ""
	}
	return Notice("One moment", "This is being noted…", private)
}

// OpenView shows a view to who pressed a button. It fails with expired when that was too long ago.
func (s *Slack) OpenView(ctx context.Context, token, trigger string, view slack.ModalViewRequest) reminders.Verdict {
	ctx, cancel, wrote := s.Watched(ctx)
	defer cancel()
	_, err := s.With(token).OpenViewContext(ctx, trigger, view)
	return OfSlack(err, wrote.Load())
}

// UpdateView changes a view that is shown.
func (s *Slack) UpdateView(ctx context.Context, token, id string, view slack.ModalViewRequest) reminders.Verdict {
	ctx, cancel, wrote := s.Watched(ctx)
	defer cancel()
	_, err := s.With(token).UpdateViewContext(ctx, view, "", "", id)
	return OfSlack(err, wrote.Load())
}

// Publish shows somebody's home.
func (s *Slack) Publish(ctx context.Context, token, user string, blocks []slack.Block) reminders.Verdict {
	ctx, cancel, wrote := s.Watched(ctx)
	defer cancel()
	_, err := s.With(token).PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user,
		View: slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}})
	return OfSlack(err, wrote.Load())
}
