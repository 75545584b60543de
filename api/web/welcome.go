package web

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"tickmark/models"
	"tickmark/models/demo"
)

// A welcome is the page of a firm's partner that says what to do first, and leads to the demo and out of it.
type welcome struct {
	page
	There bool // the firm has a demo
	Drop  bool // it is asked whether the demo may be dropped
}

// makes is how long the demo may take that is made.
const makes = 2 * time.Minute

// partners refuses who is no partner.
func (v *visit) partners() error {
	if v.Role != models.RolePartner {
		return models.Refuse(models.Forbidden, "", "the demo is made and dropped by a partner")
	}
	return nil
}

// welcome shows what to do first.
func (p *Pages) welcome(v *visit) error {
	if err := v.partners(); err != nil {
		return err
	}
	_, err := v.Store.Demo(v.r.Context())
	if err != nil && models.CodeOf(err) != models.NotFound {
		return err
	}
	return v.show(http.StatusOK, welcomePage(welcome{page: v.framed("Welcome", "settings", "/welcome"), There: err == nil,
		Drop: v.DemoOf != "" && v.r.URL.Query().Has("drop")}))
}

// lookAround leads to the firm's demo, which is made where there is none: whole, or not at all.
func (p *Pages) lookAround(v *visit) error {
	if err := v.partners(); err != nil {
		return err
	}
	if v.DemoOf != "" {
		return models.Refuse(models.Conflict, "", "this is the demo already")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.r.Context()), makes) // longer than a page may take
	defer cancel()
	firm, err := v.Store.Demo(ctx)
	if models.CodeOf(err) == models.NotFound {
		id := models.FirmID("demo-" + strings.ToLower(rand.Text()[:12]))
		if firm, err = demo.Make(ctx, p.Root, v.Firm, id, p.Now()); err != nil {
			_ = p.Root.For(id).DropDemo(ctx) // there may be none of it
		}
	}
	if err != nil {
		return err
	}
	if err := p.Sessions.LookAround(ctx, v.w, v.r, firm.ID, demo.Partner); err != nil {
		return err
	}
	v.seeOther("/portfolio")
	return nil
}

// goHome leads from the demo back to one's own firm.
func (p *Pages) goHome(v *visit) error {
	if v.DemoOf == "" {
		return models.Refuse(models.Conflict, "", "this is your own firm already")
	}
	p.Sessions.GoHome(v.r.Context(), v.w, v.r)
	v.seeOther("/welcome")
	return nil
}

// dropDemo drops the demo in which somebody is, once they have said that they mean it, and leads back to their own firm.
func (p *Pages) dropDemo(v *visit) error {
	if err := v.partners(); err != nil {
		return err
	}
	if v.DemoOf == "" {
		return models.Refuse(models.Forbidden, "", "only a demo can be dropped, and this is none")
	}
	if v.r.PostFormValue("sure") != "yes" {
		v.seeOther("/welcome?drop=1")
		return nil
	}
	if err := v.Store.DropDemo(v.r.Context()); err != nil {
		return err
	}
	p.Sessions.GoHome(v.r.Context(), v.w, v.r)
	v.seeOther("/welcome")
	return nil
}
