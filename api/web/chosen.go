package web

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"tickmark/models"
	"tickmark/models/engagement"
)

// A chosenPage asks how to do one thing to several tasks, and says first what it would move.
type chosenPage struct {
	frame
	Do, Verb string
	Tasks    []taskLine
	Values   url.Values         // what was asked last
	Moves    []engagement.Moved // what it would move
	Effect   []string           // what follows from that
	Checked  bool               // the effect is that of what is asked
	Key      string
	fault
}

// chosenActs are what can be done to several tasks, by their names in the address.
var chosenActs = map[string]struct {
	kind engagement.Kind
	verb string
}{"complete": {engagement.CompleteTask, "Report as done"}, "accept": {engagement.AcceptTask, "Accept"},
	"move": {engagement.MoveTask, "Move"}}

// mostChosen is how many tasks one may choose at once.
const mostChosen = 200

// chosen asks how to do something to the tasks that were chosen, and does it.
func (p *Pages) chosen(v *visit) error {
	ctx, q := v.r.Context(), v.r.URL.Query()
	act, known := chosenActs[q.Get("do")]
	if !known {
		return models.Refuse(models.Invalid, "do", "do %.20q is none of complete, accept, move", q.Get("do"))
	}
	c, err := v.chosenCommand(act.kind, q["task"])
	if err != nil {
		return err
	}
	f, err := v.Store.Facts(ctx, v.Engagement.ID, engagement.NeedOf(c))
	if err != nil {
		return err
	}
	out := chosenPage{frame: v.frameOf(f, f.ReportFor(v.Actor, v.Now), "/tasks"), Do: q.Get("do"), Verb: act.verb, Key: rand.Text()}
	out.page.Title = act.verb
	m := f.At(v.Now)
	for _, id := range c.Tasks {
		t := f.Task(id)
		if t == nil || !f.SeesTask(v.Actor, t, v.Now) {
			return models.Refuse(models.NotFound, "task", "there is no task %.80q", string(id))
		}
		out.Tasks = append(out.Tasks, v.taskLine(stripOf(v.today()), f, m, t))
	}
	if v.r.Method != http.MethodPost {
		return v.show(http.StatusOK, chosenPageOf(out))
	}
	once, err := v.once()
	if err != nil {
		return err
	}
	out.Values = v.r.PostForm
	if err = v.askHow(&c); err == nil {
		c.Key, c.Hash = once.Key, once.Hash
		err = v.doChosen(&out, c)
	}
	text, refused := models.Sorry(err)
	switch {
	case err != nil && !refused:
		return err
	case refused:
		out.Problem, out.Wrong = models.Sentence(text), fieldOf(err)
		return v.show(http.StatusUnprocessableEntity, chosenPageOf(out))
	case out.Checked:
		return v.show(http.StatusOK, chosenPageOf(out))
	}
	v.seeOther(out.At + "/tasks")
	return nil
}

// chosenCommand returns what is to be done to tasks.
func (v *visit) chosenCommand(kind engagement.Kind, tasks []string) (engagement.Command, error) {
	c := engagement.Command{Kind: kind, Actor: v.Actor}
	switch {
	case len(tasks) == 0:
		return c, models.Refuse(models.Invalid, "task", "choose a task: none is chosen")
	case len(tasks) > mostChosen:
		return c, models.Refuse(models.Invalid, "task", "choose at most %d tasks at once: %d are", mostChosen, len(tasks))
	}
	for _, id := range tasks {
		c.Tasks = append(c.Tasks, models.TaskID(id))
	}
	return c, nil
}

// askHow reads what the form says of how it is to be done.
func (v *visit) askHow(c *engagement.Command) error {
	form := v.r.PostForm
	c.Reason = strings.TrimSpace(form.Get("reason"))
	if c.Kind != engagement.MoveTask {
		return nil
	}
	c.Moving = &engagement.Moving{Along: form.Get("along") != ""}
	if days := strings.TrimSpace(form.Get("days")); days != "" {
		n, err := strconv.Atoi(days)
		if err != nil {
			return models.Refuse(models.Invalid, "days", "days %.20q is no whole number of business days, as in 5 or -2", days)
		}
		c.Moving.Days = n
	}
	if due := form.Get("due"); due != "" {
		d, err := models.ParseDate(due)
		if err != nil {
			return models.Refuse(models.Invalid, "due", "due %.20q is no day such as 2027-06-30", due)
		}
		c.Due = d
	}
	return nil
}

// doChosen does it; what moves dates is only tried until its effect has been shown.
func (v *visit) doChosen(out *chosenPage, c engagement.Command) error {
	ctx := v.r.Context()
	if c.Kind == engagement.MoveTask && v.r.PostForm.Get("step") != "do" {
		s, _, err := v.Store.TryShift(ctx, v.Engagement.ID, c, v.Now)
		if err != nil {
			return err
		}
		if out.Checked = true; s != nil {
			out.Moves, out.Effect = s.Moves, s.Lines()
		}
		return nil
	}
	_, err := v.Engine.Apply(ctx, models.Ref{Firm: v.Engagement.Firm, Engagement: v.Engagement.ID}, c)
	return err
}
