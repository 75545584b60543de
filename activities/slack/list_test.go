package slack

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// However many things there are and however much is said of them, a page of a list and of the home has at most Slack's 100 blocks, no text
// of more than 3,000 characters, and pages that together have all of them, each once.
func TestPagesAreWithinSlacksLimits(t *testing.T) {
	for _, n := range []int{1, 19, 20, 21, 100, 437} {
		long := strings.Repeat("<Listing> & all of it ", 200)
		of := engagement.Line{Title: long, Text: long, Detail: long, List: "GA-02-1"}
		for i := range n {
			of.All = append(of.All, engagement.Line{Engagement: "e1", Item: fmt.Sprintf("do:GA-02.EV-%d", i), Title: fmt.Sprintf("%d ", i) + long,
				Text: long, Detail: long, Where: long, Acts: engagement.ActsOn(engagement.ItemDo)})
		}
		seen := map[string]int{}
		for page := range Pages(n) {
			v := listView(List{Mail: strings.Repeat("x", 36), Name: of.List, Page: page}, of, long)
			fits(t, v.Blocks.BlockSet, v.PrivateMetadata, seen)
		}
		all(t, n, seen)
		clear(seen)
		m := reminders.Message{Intro: long, Footer: long, Sections: []reminders.Section{{Title: "Late", Lines: of.All[:n/3]},
			{Title: "Due today", Lines: of.All[n/3 : n/2]}, {Title: "Coming up", Lines: of.All[n/2:]}}}
		for page := range Pages(n) {
			v := homeView(Home{News: long, Message: m, Page: page})
			fits(t, v.Blocks.BlockSet, v.PrivateMetadata, seen)
		}
		all(t, n, seen)
	}
}

// all checks that each of n things was seen on one page.
func all(t *testing.T, n int, seen map[string]int) {
	t.Helper()
	for i := range n {
		if seen[fmt.Sprintf("e1|do:GA-02.EV-%d", i)] != 1 {
			t.Errorf("thing %d of %d stands on %d pages", i, n, seen[fmt.Sprintf("e1|do:GA-02.EV-%d", i)])
		}
	}
}

// fits checks the blocks of a view against Slack's limits, and notes of which things they have buttons.
func fits(t *testing.T, blocks any, private string, seen map[string]int) {
	t.Helper()
	raw, err := json.Marshal(blocks)
	if err != nil {
		t.Fatal(err)
	}
	var list []struct {
		Type     string
		Text     struct{ Text string }
		Elements []struct{ Value string }
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	if len(list) > 100 || len(private) > 3000 || len(raw) > 250_000 {
		t.Errorf("a page has %d blocks, %d bytes and %d characters of its own", len(list), len(raw), len(private))
	}
	for _, b := range list {
		if n := len([]rune(b.Text.Text)); n > 3000 {
			t.Errorf("a text has %d characters", n)
		}
		if b.Type == "actions" && len(b.Elements) > 0 {
			seen[b.Elements[0].Value]++
		}
	}
}
