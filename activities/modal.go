package activities

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/slack-go/slack"

	"tickmark/models"
	"tickmark/models/engagement"
)

// formID marks our forms among views.
const formID = "tickmark_form"

// A subject is what a form is about. Slack keeps it with the form; it decides nothing that is not checked again.
type subject struct {
	Act        engagement.Act      `json:"act"`
	Engagement models.EngagementID `json:"engagement"`
	Item       string              `json:"item"`
}

func plain(text string, n int) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, clip(tame(text), n), false, false)
}

// modal makes Slack's form of a form. values are what somebody has answered already, problem what was wrong with it.
func modal(f engagement.Form, values map[string]string, problem string) slack.ModalViewRequest {
	private, err := json.Marshal(subject{f.Act, f.Engagement, f.Item})
	if err != nil {
		panic(err) // texts can always be written
	}
	v := slack.ModalViewRequest{Type: slack.VTModal, Title: plain(f.Title, 24), Submit: plain(f.Submit, 24), Close: plain("Never mind", 24), CallbackID: formID, PrivateMetadata: string(private)}
	if problem != "" {
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, section(":warning: "+escape(clip(problem, 500))))
	}
	v.Blocks.BlockSet = append(v.Blocks.BlockSet, section("*"+escape(clip(f.About, 500))+"*"))
	if f.Note != "" {
		v.Blocks.BlockSet = append(v.Blocks.BlockSet, slack.NewContextBlock("", slack.NewTextBlockObject(slack.MarkdownType, clip(escape(f.Note), 500), false, true)))
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
	v := slack.ModalViewRequest{Type: slack.VTModal, Title: plain(title, 24), Close: plain("Close", 24), CallbackID: formID, PrivateMetadata: private}
	v.Blocks.BlockSet = []slack.Block{section(escape(clip(text, 2000)))}
	return v
}

// saving is what a form turns into while the desk carries it out: Slack gives three seconds, and a commit may take longer.
func saving(private string) slack.ModalViewRequest {
	if len(private) > 3000 {
		private = ""
	}
	return notice("One moment", "This is being noted…", private)
}

// openView shows a view to who pressed a button. It fails with expired when that was too long ago.
func (s *Slack) openView(ctx context.Context, token, trigger string, view slack.ModalViewRequest) verdict {
	ctx, cancel, wrote := s.watched(ctx)
	defer cancel()
	_, err := s.with(token).OpenViewContext(ctx, trigger, view)
	return ofSlack(err, wrote.Load())
}

// updateView changes a view that is shown.
func (s *Slack) updateView(ctx context.Context, token, id string, view slack.ModalViewRequest) verdict {
	ctx, cancel, wrote := s.watched(ctx)
	defer cancel()
	_, err := s.with(token).UpdateViewContext(ctx, view, "", "", id)
	return ofSlack(err, wrote.Load())
}

// publish shows somebody's home.
func (s *Slack) publish(ctx context.Context, token, user string, blocks []slack.Block) verdict {
	ctx, cancel, wrote := s.watched(ctx)
	defer cancel()
	_, err := s.with(token).PublishViewContext(ctx, slack.PublishViewContextRequest{UserID: user,
		View: slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: blocks}}})
	return ofSlack(err, wrote.Load())
}
