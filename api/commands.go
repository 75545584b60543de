package api

import (
	"context"
	"net/http"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/engagement"
)

// One handler for each command on an engagement: it says what is asked for in the words of the domain. See command.go for
// how it is carried out and answered.

func (h handlers) EditEngagement(ctx context.Context, r gen.EditEngagementRequestObject) (gen.EditEngagementResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.EditEngagement, Edit: editOf(r.Body), Reason: r.Body.Reason})
}

func (h handlers) StartEngagement(ctx context.Context, r gen.StartEngagementRequestObject) (gen.StartEngagementResponseObject, error) {
	cmd := engagement.Command{Kind: engagement.StartEngagement}
	if b := r.Body; b != nil {
		cmd.Reason = b.Reason
		for _, code := range b.Confirm {
			cmd.Confirm = append(cmd.Confirm, string(code))
		}
	}
	return h.command(ctx, cmd)
}

func (h handlers) PauseEngagement(ctx context.Context, r gen.PauseEngagementRequestObject) (gen.PauseEngagementResponseObject, error) {
	cmd := engagement.Command{Kind: engagement.PauseEngagement, Reason: r.Body.Reason, Due: r.Body.Until}
	for _, code := range r.Body.Confirm {
		cmd.Confirm = append(cmd.Confirm, string(code))
	}
	return h.pausing(ctx, cmd, r.Body.Check)
}

// pausing pauses an engagement or lets it go on, or only says what that would do.
func (h handlers) pausing(ctx context.Context, cmd engagement.Command, check bool) (answer, error) {
	if !check {
		return h.command(ctx, cmd)
	}
	who := of(ctx)
	cmd.Actor, cmd.Key, cmd.Hash, cmd.IfRevision = who.Actor, who.Once.Key, who.Once.Hash, who.Once.IfRevision
	says, revision, err := who.Store.TryPause(ctx, who.Engagement.ID, cmd, who.Now)
	return answer{engagement.Result{Revision: revision, Effect: says}}, err
}

func (h handlers) ResumeEngagement(ctx context.Context, r gen.ResumeEngagementRequestObject) (gen.ResumeEngagementResponseObject, error) {
	cmd := engagement.Command{Kind: engagement.ResumeEngagement}
	if r.Body == nil {
		return h.command(ctx, cmd)
	}
	cmd.Reason = r.Body.Reason
	return h.pausing(ctx, cmd, r.Body.Check)
}

func (h handlers) CancelEngagement(ctx context.Context, r gen.CancelEngagementRequestObject) (gen.CancelEngagementResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.CancelEngagement, Reason: r.Body.Reason,
		Confirm: []string{string(r.Body.Confirm)}})
}

func (h handlers) ReinstateEngagement(ctx context.Context,
	r gen.ReinstateEngagementRequestObject) (gen.ReinstateEngagementResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.ReinstateEngagement, Reason: r.Body.Reason})
}

func (a answer) VisitReinstateEngagementResponse(w http.ResponseWriter) error { return a.write(w) }

func (h handlers) MoveKickoff(ctx context.Context, r gen.MoveKickoffRequestObject) (gen.MoveKickoffResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.MoveKickoff, Reason: r.Body.Reason,
		Change: &engagement.Change{Kickoff: r.Body.Kickoff}})
}

func (a answer) VisitMoveKickoffResponse(w http.ResponseWriter) error { return a.write(w) }

func (h handlers) AddTask(ctx context.Context, r gen.AddTaskRequestObject) (gen.AddTaskResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.AddTask, Reason: r.Body.Reason, Add: newTask(r.Body)})
}

func (h handlers) CompleteTasks(ctx context.Context, r gen.CompleteTasksRequestObject) (gen.CompleteTasksResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.CompleteTask, Tasks: r.Body.Tasks, Reason: r.Body.Reason, On: r.Body.On})
}

func (h handlers) AcceptTasks(ctx context.Context, r gen.AcceptTasksRequestObject) (gen.AcceptTasksResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.AcceptTask, Tasks: r.Body.Tasks, Reason: r.Body.Reason})
}

func (h handlers) CompleteTask(ctx context.Context, r gen.CompleteTaskRequestObject) (gen.CompleteTaskResponseObject, error) {
	c := engagement.Command{Kind: engagement.CompleteTask, Tasks: one(r.Task)}
	if r.Body != nil {
		c.Reason, c.On = r.Body.Reason, r.Body.On
	}
	return h.command(ctx, c)
}

func (h handlers) PerformTask(ctx context.Context, r gen.PerformTaskRequestObject) (gen.PerformTaskResponseObject, error) {
	c := engagement.Command{Kind: engagement.PerformTask, Tasks: one(r.Task)}
	if r.Body != nil {
		c.On = r.Body.On
	}
	return h.command(ctx, c)
}

func (h handlers) AcceptTask(ctx context.Context, r gen.AcceptTaskRequestObject) (gen.AcceptTaskResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.AcceptTask, Tasks: one(r.Task), Reason: note(r.Body)})
}

func (h handlers) ReturnTask(ctx context.Context, r gen.ReturnTaskRequestObject) (gen.ReturnTaskResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.ReturnTask, Tasks: one(r.Task), Reason: r.Body.Reason})
}

func (h handlers) ReopenTask(ctx context.Context, r gen.ReopenTaskRequestObject) (gen.ReopenTaskResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.ReopenTask, Tasks: one(r.Task), Reason: r.Body.Reason})
}

func (h handlers) BlockTask(ctx context.Context, r gen.BlockTaskRequestObject) (gen.BlockTaskResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.BlockTask, Tasks: one(r.Task), By: r.Body.By, Reason: r.Body.Reason})
}

func (h handlers) UnblockTask(ctx context.Context, r gen.UnblockTaskRequestObject) (gen.UnblockTaskResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.UnblockTask, Tasks: one(r.Task), Reason: note(r.Body)})
}

func (h handlers) SplitTask(ctx context.Context, r gen.SplitTaskRequestObject) (gen.SplitTaskResponseObject, error) {
	b := r.Body
	return h.command(ctx, engagement.Command{Kind: engagement.SplitTask, Tasks: one(r.Task), Reason: b.Reason,
		Add: &engagement.NewTask{Title: b.Title, Owner: b.Owner, Due: b.Due, Minutes: b.Minutes}})
}

func (a answer) VisitSplitTaskResponse(w http.ResponseWriter) error { return a.write(w) }

func (h handlers) AssignTask(ctx context.Context, r gen.AssignTaskRequestObject) (gen.AssignTaskResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.AssignTask, Tasks: one(r.Task), Person: r.Body.Person, Reason: r.Body.Reason})
}

func (h handlers) WaiveTask(ctx context.Context, r gen.WaiveTaskRequestObject) (gen.WaiveTaskResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.WaiveTask, Tasks: one(r.Task), Reason: r.Body.Reason})
}

func (h handlers) CommentTask(ctx context.Context, r gen.CommentTaskRequestObject) (gen.CommentTaskResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.CommentTask, Tasks: one(r.Task), Reason: r.Body.Text, Person: r.Body.To,
		Readers: r.Body.Readers})
}

func (h handlers) AskTask(ctx context.Context, r gen.AskTaskRequestObject) (gen.AskTaskResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.AskTask, Tasks: one(r.Task), Reason: r.Body.Text, Person: r.Body.To,
		Readers: r.Body.Readers})
}

func (h handlers) AnswerQuestion(ctx context.Context, r gen.AnswerQuestionRequestObject) (gen.AnswerQuestionResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.AnswerQuestion, Question: r.Question, Reason: r.Body.Text})
}

func (h handlers) WithdrawQuestion(ctx context.Context, r gen.WithdrawQuestionRequestObject) (gen.WithdrawQuestionResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.WithdrawQuestion, Question: r.Question, Reason: note(r.Body)})
}

func (h handlers) ReopenQuestion(ctx context.Context, r gen.ReopenQuestionRequestObject) (gen.ReopenQuestionResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.ReopenQuestion, Question: r.Question, Reason: note(r.Body)})
}

func (a answer) VisitAskTaskResponse(w http.ResponseWriter) error          { return a.write(w) }
func (a answer) VisitAnswerQuestionResponse(w http.ResponseWriter) error   { return a.write(w) }
func (a answer) VisitWithdrawQuestionResponse(w http.ResponseWriter) error { return a.write(w) }
func (a answer) VisitReopenQuestionResponse(w http.ResponseWriter) error   { return a.write(w) }

func (h handlers) SnoozeTask(ctx context.Context, r gen.SnoozeTaskRequestObject) (gen.SnoozeTaskResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.SnoozeTask, Tasks: one(r.Task), Due: r.Body.Until, Reason: r.Body.Reason})
}

func (h handlers) ExtendTask(ctx context.Context, r gen.ExtendTaskRequestObject) (gen.ExtendTaskResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.ExtendTask, Tasks: one(r.Task), Due: r.Body.Due, Reason: r.Body.Reason,
		Blocking: r.Body.Blocking})
}

func (h handlers) HandOverTask(ctx context.Context, r gen.HandOverTaskRequestObject) (gen.HandOverTaskResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.HandOverTask, Tasks: one(r.Task), Person: r.Body.Person, Reason: r.Body.Reason})
}

func (h handlers) MuteEngagement(ctx context.Context, r gen.MuteEngagementRequestObject) (gen.MuteEngagementResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.MuteEngagement, Reason: r.Body.Reason})
}

func (h handlers) UnmuteEngagement(ctx context.Context, r gen.UnmuteEngagementRequestObject) (gen.UnmuteEngagementResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.UnmuteEngagement, Reason: note(r.Body)})
}

func (h handlers) SignGate(ctx context.Context, r gen.SignGateRequestObject) (gen.SignGateResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.SignGate, Gate: r.Gate, Reason: note(r.Body)})
}

func (h handlers) RefuseGate(ctx context.Context, r gen.RefuseGateRequestObject) (gen.RefuseGateResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.RefuseGate, Gate: r.Gate, Reason: r.Body.Reason})
}

func (h handlers) ReopenGate(ctx context.Context, r gen.ReopenGateRequestObject) (gen.ReopenGateResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.ReopenGate, Gate: r.Gate, Reason: r.Body.Reason})
}

func (h handlers) MoveAsOfDate(ctx context.Context, r gen.MoveAsOfDateRequestObject) (gen.MoveAsOfDateResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.MoveAsOf, Reason: r.Body.Reason, Change: &engagement.Change{AsOf: r.Body.AsOf}})
}

func (h handlers) MoveWindow(ctx context.Context, r gen.MoveWindowRequestObject) (gen.MoveWindowResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.MoveWindow, Reason: r.Body.Reason,
		Change: &engagement.Change{WindowOpen: r.Body.WindowOpen, Months: r.Body.Months}})
}

func (h handlers) ChangeScope(ctx context.Context, r gen.ChangeScopeRequestObject) (gen.ChangeScopeResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.ChangeScope, Reason: r.Body.Reason,
		Change: &engagement.Change{Categories: r.Body.Categories, Addons: r.Body.Addons, FromDayOne: r.Body.FromDayOne}})
}

func (h handlers) DropType1(ctx context.Context, r gen.DropType1RequestObject) (gen.DropType1ResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.DropType1, Reason: r.Body.Reason,
		Change: &engagement.Change{WindowOpen: r.Body.WindowOpen}})
}

func (h handlers) ReturnPhase(ctx context.Context, r gen.ReturnPhaseRequestObject) (gen.ReturnPhaseResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.ReturnPhase, Reason: r.Body.Reason,
		Change: &engagement.Change{Rule: r.Body.Rule, Subject: r.Body.Subject}})
}

func (h handlers) AcceptRisk(ctx context.Context, r gen.AcceptRiskRequestObject) (gen.AcceptRiskResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.AcceptRisk, Reason: r.Body.Reason,
		Change: &engagement.Change{Task: r.Body.Task}})
}

func (h handlers) ApproveDecision(ctx context.Context, r gen.ApproveDecisionRequestObject) (gen.ApproveDecisionResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.ApproveDecision, Decision: r.Decision, Reason: note(r.Body)})
}

func (h handlers) RefuseDecision(ctx context.Context, r gen.RefuseDecisionRequestObject) (gen.RefuseDecisionResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.RefuseDecision, Decision: r.Decision, Reason: r.Body.Reason})
}

func (h handlers) WithdrawDecision(ctx context.Context, r gen.WithdrawDecisionRequestObject) (gen.WithdrawDecisionResponseObject, error) {
	return h.command(ctx, engagement.Command{Kind: engagement.WithdrawDecision, Decision: r.Decision, Reason: r.Body.Reason})
}

func (a answer) VisitWithdrawDecisionResponse(w http.ResponseWriter) error { return a.write(w) }

func one(id models.TaskID) []models.TaskID { return []models.TaskID{id} }

// note returns the reason of a body that may be left out.
func note(b *gen.Note) string {
	if b == nil {
		return ""
	}
	return b.Reason
}

func editOf(b *gen.EngagementChange) *engagement.Edit {
	return &engagement.Edit{Name: b.Name, Type: b.Type, Categories: b.Categories, Addons: b.Addons, Kickoff: b.Kickoff, AsOf: b.AsOf,
		WindowOpen: b.WindowOpen, WindowMonths: b.WindowMonths, Previous: b.PreviousClose, Target: b.TargetReport, Partner: b.Partner,
		Manager: b.Manager, Auditor: b.Auditor, Consultants: b.Consultants}
}

func newTask(b *gen.NewTask) *engagement.NewTask {
	return &engagement.NewTask{From: b.From, Subject: b.Subject, Title: b.Title, Phase: b.Phase, Owner: b.Owner, Due: b.Due, After: b.After,
		Before: b.Before, Gate: b.Gate, Minutes: b.Minutes}
}
