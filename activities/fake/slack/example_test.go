package slackfake_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/slack-go/slack"

	slackfake "tickmark/activities/fake/slack"
)

// An app asks Ana whether something is done, its answer to a first try is lost, and Ana presses the button.
func Example() {
	s, err := slackfake.New(slackfake.Options{})
	if err != nil {
		panic(err)
	}
	defer func() { _ = s.Close() }() // nothing is left
	if err := s.Start(); err != nil {
		panic(err)
	}
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if p, err := slack.InteractionCallbackParse(r); err == nil {
			fmt.Println("the app hears:", p.User.ID, "pressed", p.ActionCallback.BlockActions[0].ActionID)
		}
	}))
	defer app.Close()
	w, err := s.AddWorkspace(slackfake.Workspace{Team: "TACME", RequestURLs: slackfake.RequestURLs{Interactivity: app.URL}})
	if err != nil {
		panic(err)
	}
	if _, err := s.AddUser("TACME", slackfake.User{ID: "UANA", Email: "ana@acme.test"}); err != nil {
		panic(err)
	}

	s.AddFaults(slackfake.Fault{Method: "chat.postMessage", Nth: 1, Kind: slackfake.FaultExecuteThenDrop})
	client := slack.New(w.Token, slack.OptionAPIURL(s.URL()+"/api/"))
	done := slack.NewButtonBlockElement("done", "item-1", slack.NewTextBlockObject(slack.PlainTextType, "Done", false, false))
	_, _, err = client.PostMessage("UANA", slack.MsgOptionText("Is it done?", false),
		slack.MsgOptionBlocks(slack.NewActionBlock("item", done)))
	fmt.Println("posting failed:", err != nil)

	m := s.MessagesTo("TACME", "UANA")[0]
	fmt.Println("she reads:", m.Text)
	if _, err := s.Click(slackfake.Press{Team: "TACME", User: "UANA", Channel: m.Channel, TS: m.TS, Action: "done"}); err != nil {
		panic(err)
	}
	// Output:
	// posting failed: true
	// she reads: Is it done?
	// the app hears: UANA pressed done
}
