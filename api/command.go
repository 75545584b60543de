package api

import (
	"context"
	"encoding/json"
	"net/http"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/engagement"
)

// command carries out a command on the engagement that the path names, and answers what became of it.
func (h handlers) command(ctx context.Context, cmd engagement.Command) (answer, error) {
	who := of(ctx)
	cmd.Actor, cmd.Key, cmd.Hash, cmd.IfRevision = who.Actor, who.Once.Key, who.Once.Hash, who.Once.IfRevision
	result, err := h.cfg.Engine.Apply(ctx, models.Ref{Firm: who.Firm, Engagement: who.Engagement.ID}, cmd)
	return answer{Result: result}, err
}

func (h handlers) GetCommand(ctx context.Context, r gen.GetCommandRequestObject) (gen.GetCommandResponseObject, error) {
	who := of(ctx)
	done, err := who.Store.Answer(ctx, who.Engagement.ID, who.Person.ID, r.Key)
	if models.CodeOf(err) == models.NotFound {
		return nil, models.Refuse(models.NotFound, "key",
			"no command of yours with the key %q has been carried out here", r.Key)
	}
	return gen.GetCommand200JSONResponse{DoneJSONResponse: gen.DoneJSONResponse{
		Body:    gen.Result{Revision: done.Revision, Created: done.Created, Effect: done.Effect, Replayed: true},
		Headers: gen.DoneResponseHeaders{ETag: etag(done.Revision)},
	}}, err
}

// An answer is what every command is answered with.
type answer struct{ engagement.Result }

func (a answer) write(w http.ResponseWriter) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("ETag", etag(a.Revision))
	w.WriteHeader(http.StatusOK)
	return json.NewEncoder(w).Encode(gen.Result{Revision: a.Revision, Created: a.Created, Replayed: a.Replayed, Effect: a.Effect})
}

func (a answer) VisitEditEngagementResponse(w http.ResponseWriter) error   { return a.write(w) }
func (a answer) VisitStartEngagementResponse(w http.ResponseWriter) error  { return a.write(w) }
func (a answer) VisitPauseEngagementResponse(w http.ResponseWriter) error  { return a.write(w) }
func (a answer) VisitResumeEngagementResponse(w http.ResponseWriter) error { return a.write(w) }
func (a answer) VisitCancelEngagementResponse(w http.ResponseWriter) error { return a.write(w) }
func (a answer) VisitAddTaskResponse(w http.ResponseWriter) error          { return a.write(w) }
func (a answer) VisitCompleteTasksResponse(w http.ResponseWriter) error    { return a.write(w) }
func (a answer) VisitAcceptTasksResponse(w http.ResponseWriter) error      { return a.write(w) }
func (a answer) VisitCompleteTaskResponse(w http.ResponseWriter) error     { return a.write(w) }
func (a answer) VisitPerformTaskResponse(w http.ResponseWriter) error      { return a.write(w) }
func (a answer) VisitAcceptTaskResponse(w http.ResponseWriter) error       { return a.write(w) }
func (a answer) VisitReturnTaskResponse(w http.ResponseWriter) error       { return a.write(w) }
func (a answer) VisitReopenTaskResponse(w http.ResponseWriter) error       { return a.write(w) }
func (a answer) VisitBlockTaskResponse(w http.ResponseWriter) error        { return a.write(w) }
func (a answer) VisitUnblockTaskResponse(w http.ResponseWriter) error      { return a.write(w) }
func (a answer) VisitAssignTaskResponse(w http.ResponseWriter) error       { return a.write(w) }
func (a answer) VisitWaiveTaskResponse(w http.ResponseWriter) error        { return a.write(w) }
func (a answer) VisitCommentTaskResponse(w http.ResponseWriter) error      { return a.write(w) }
func (a answer) VisitSignGateResponse(w http.ResponseWriter) error         { return a.write(w) }
func (a answer) VisitRefuseGateResponse(w http.ResponseWriter) error       { return a.write(w) }
func (a answer) VisitReopenGateResponse(w http.ResponseWriter) error       { return a.write(w) }
func (a answer) VisitMoveAsOfDateResponse(w http.ResponseWriter) error     { return a.write(w) }
func (a answer) VisitMoveWindowResponse(w http.ResponseWriter) error       { return a.write(w) }
func (a answer) VisitChangeScopeResponse(w http.ResponseWriter) error      { return a.write(w) }
func (a answer) VisitDropType1Response(w http.ResponseWriter) error        { return a.write(w) }
func (a answer) VisitReturnPhaseResponse(w http.ResponseWriter) error      { return a.write(w) }
func (a answer) VisitAcceptRiskResponse(w http.ResponseWriter) error       { return a.write(w) }
func (a answer) VisitApproveDecisionResponse(w http.ResponseWriter) error  { return a.write(w) }
func (a answer) VisitRefuseDecisionResponse(w http.ResponseWriter) error   { return a.write(w) }
func (a answer) VisitSnoozeTaskResponse(w http.ResponseWriter) error       { return a.write(w) }
func (a answer) VisitExtendTaskResponse(w http.ResponseWriter) error       { return a.write(w) }
func (a answer) VisitHandOverTaskResponse(w http.ResponseWriter) error     { return a.write(w) }
func (a answer) VisitMuteEngagementResponse(w http.ResponseWriter) error   { return a.write(w) }
func (a answer) VisitUnmuteEngagementResponse(w http.ResponseWriter) error { return a.write(w) }
