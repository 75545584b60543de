package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"go.yaml.in/yaml/v3"

	"tickmark/api/client"
	"tickmark/models"
	"tickmark/models/catalog"
)

// How an engagement file is written: of a plan, or like an engagement that is there.

// saved is an engagement file as it is written, in the order of docs/examples.
type saved struct {
	Client     savedClient          `yaml:"client"`
	People     []savedPerson        `yaml:"people"`
	Functions  map[string]savedDuty `yaml:"functions,omitempty"`
	Engagement savedEngagement      `yaml:"engagement"`
}

type savedClient struct {
	ID         models.ClientID  `yaml:"id"`
	Name       string           `yaml:"name"`
	Headcount  int              `yaml:"headcount"`
	Country    string           `yaml:"country"`
	TimeZone   string           `yaml:"time_zone"`
	Weekend    []client.Weekday `yaml:"weekend,flow,omitempty"`
	ClosedDays []string         `yaml:"closed_days,flow,omitempty"`
	OpenDays   []string         `yaml:"open_days,flow,omitempty"`
}

type savedPerson struct {
	ID         models.PersonID `yaml:"id"`
	Name       string          `yaml:"name"`
	Role       models.Role     `yaml:"role"`
	Email      string          `yaml:"email,omitempty"`
	TimeZone   string          `yaml:"time_zone"`
	ClosedDays []string        `yaml:"closed_days,flow,omitempty"`
	OpenDays   []string        `yaml:"open_days,flow,omitempty"`
}

type savedDuty struct {
	Person models.PersonID `yaml:"person"`
	Backup models.PersonID `yaml:"backup,omitempty"`
}

type savedEngagement struct {
	ID            models.EngagementID `yaml:"id"`
	Name          string              `yaml:"name,omitempty"`
	Type          string              `yaml:"type"`
	Categories    []catalog.Category  `yaml:"categories,flow,omitempty"`
	Addons        []client.AddonID    `yaml:"addons,flow,omitempty"`
	Kickoff       string              `yaml:"kickoff"`
	AsOf          string              `yaml:"as_of,omitempty"`
	WindowOpen    string              `yaml:"window_open,omitempty"`
	WindowMonths  int                 `yaml:"window_months,omitempty"`
	PreviousClose string              `yaml:"previous_close,omitempty"`
	Predecessor   models.EngagementID `yaml:"predecessor,omitempty"`
	TargetReport  string              `yaml:"target_report,omitempty"`
	Partner       models.PersonID     `yaml:"partner"`
	Manager       models.PersonID     `yaml:"manager"`
	Consultants   []models.PersonID   `yaml:"consultants,flow,omitempty"`
	Auditor       models.PersonID     `yaml:"auditor,omitempty"`
}

// written returns an engagement as it is written.
func written(e client.NewEngagement) savedEngagement {
	return savedEngagement{ID: e.ID, Name: e.Name, Type: e.Type, Categories: e.Categories, Addons: e.Addons, Kickoff: e.Kickoff.String(),
		AsOf: e.AsOf.String(), WindowOpen: e.WindowOpen.String(), WindowMonths: e.WindowMonths, PreviousClose: e.PreviousClose.String(),
		Predecessor:  e.Predecessor,
		TargetReport: e.TargetReport.String(), Partner: e.Partner, Manager: e.Manager, Consultants: e.Consultants, Auditor: e.Auditor}
}

// saveVar adds the flag for the file that is written.
func saveVar(f *pflag.FlagSet, to *string) {
	f.StringVar(to, "save", "", "write an engagement `FILE`, which must not be there yet; - is the standard output")
}

// save writes the engagement file of an engagement for a client that is there: with its people, its functions, and the engagement's own.
func (a *app) save(ctx context.Context, name string, company models.ClientID, e client.NewEngagement) error {
	c, _, err := decode[client.Client](a.ask(a.api.GetClient(ctx, company)))
	if err != nil {
		return err
	}
	f := saved{Client: savedClient{ID: c.ID, Name: c.Name, Headcount: c.Headcount, Country: c.Country, TimeZone: c.TimeZone},
		Functions: map[string]savedDuty{}, Engagement: written(e)}
	if usual := []client.Weekday{"sunday", "saturday"}; !sameWords(c.Weekend, usual) {
		f.Client.Weekend = c.Weekend
	}
	f.Client.ClosedDays, f.Client.OpenDays = each(c.ClosedDays, models.Date.String), each(c.OpenDays, models.Date.String)
	if err := a.saveCrew(ctx, &f, c.ID); err != nil {
		return err
	}
	var b bytes.Buffer
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := errors.Join(enc.Encode(f), enc.Close()); err != nil {
		return fmt.Errorf("the engagement file cannot be written: %w", err)
	}
	if _, err := parseFile(name, b.Bytes()); err != nil { // what the client is called or has may not stand in a file
		return failed(exitFailed, "this cannot be an engagement file: %w", err)
	}
	return a.writeNew(name, b.Bytes())
}

// saveCrew adds to a file the people of its client and who of them holds which function.
func (a *app) saveCrew(ctx context.Context, f *saved, company models.ClientID) error {
	people, err := all[client.Person](a, func(cursor *string, size *int) (*http.Response, error) {
		return a.api.ListPeople(ctx, &client.ListPeopleParams{Client: &company, Cursor: cursor, Limit: size})
	})
	if err != nil {
		return err
	}
	short := func(id models.PersonID) models.PersonID {
		return models.PersonID(strings.TrimPrefix(string(id), string(company)+"."))
	}
	for _, p := range people {
		f.People = append(f.People, savedPerson{ID: short(p.ID), Name: p.Name, Role: p.Role, Email: p.Email, TimeZone: p.TimeZone,
			ClosedDays: each(p.ClosedDays, models.Date.String), OpenDays: each(p.OpenDays, models.Date.String)})
	}
	there := func(id models.PersonID) bool {
		return slices.ContainsFunc(f.People, func(p savedPerson) bool { return p.ID == short(id) })
	}
	l, _, err := decode[client.FunctionList](a.ask(a.api.ListFunctions(ctx, company)))
	if err != nil {
		return err
	}
	for _, d := range l.Items {
		if d.Person == "" || !there(d.Person) { // who has left holds nothing in a file that starts anew
			continue
		}
		duty := savedDuty{Person: short(d.Person)}
		if d.Backup != "" && there(d.Backup) {
			duty.Backup = short(d.Backup)
		}
		f.Functions[d.Function] = duty
	}
	return nil
}

// writeNew writes a file that is not there yet, or to the standard output.
func (a *app) writeNew(name string, text []byte) error {
	if name == "-" {
		_, err := a.out.Write(text)
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return failed(exitUsage, "%s is there already: it was not written over", name)
	}
	if err != nil {
		return failed(exitUsage, "the engagement file cannot be written: %w", err)
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return failed(exitFailed, "the engagement file cannot be written: %w", err)
	}
	fmt.Fprintf(a.err, "Written to %s. Look at it, then: tickmark engagement start --check -f %s\n", name, name)
	return nil
}

// all reads a list to its end.
func all[T any](a *app, fetch func(cursor *string, size *int) (*http.Response, error)) ([]T, error) {
	var out []T
	size := maxPage
	for cursor := (*string)(nil); ; {
		page, _, err := decode[struct {
			Items []T
			Next  string
		}](a.ask(fetch(cursor, &size)))
		if err != nil {
			return nil, err
		}
		if out = append(out, page.Items...); page.Next == "" || len(page.Items) == 0 {
			return out, nil
		}
		cursor = &page.Next
	}
}

func sameWords[T ~string](a, b []T) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// engagementsOf returns the engagements for a client that are shown to who asks, the last begun first.
func (a *app) engagementsOf(ctx context.Context, company models.ClientID) ([]client.EngagementLine, error) {
	last := "-kickoff"
	return all[client.EngagementLine](a, func(cursor *string, size *int) (*http.Response, error) {
		return a.api.ListEngagements(ctx, &client.ListEngagementsParams{Client: &company, Sort: &last, Cursor: cursor, Limit: size})
	})
}

var yearAtEnd = regexp.MustCompile(`-(\d{4})(-\d+)?$`)

// nextID returns an id for an engagement that begins on a day and is like one that is there, or is a client's first: with the year of its
// kickoff, and a number where that is taken.
func nextID(like string, kickoff models.Date, there []client.EngagementLine) models.EngagementID {
	base := yearAtEnd.ReplaceAllString(like, "") + "-" + strconv.Itoa(kickoff.Year)
	id := base
	for n := 2; slices.ContainsFunc(there, func(e client.EngagementLine) bool { return string(e.ID) == id }); n++ {
		id = base + "-" + strconv.Itoa(n)
	}
	return models.EngagementID(id)
}

// A crew is who of the firm and the audit firm is on an engagement, where a file is to say others than were there.
type crew struct {
	id               models.EngagementID
	partner, manager models.PersonID
	consultants      []models.PersonID
}

func (c *crew) flags(f *pflag.FlagSet) {
	wordVar(f, &c.id, "id", "of the engagement in the file (default: made of the client and the year)")
	wordVar(f, &c.partner, "partner", "in the file: who owns the client relation (default: as last time)")
	wordVar(f, &c.manager, "manager", "in the file: who runs the plan (default: as last time)")
	wordsVar(f, &c.consultants, "consultants", "in the file: all who do the work (default: as last time)")
}

// over puts those that were named in place of those that were there.
func (c *crew) over(e *client.NewEngagement) {
	e.ID = models.EngagementID(firstOf(string(c.id), string(e.ID)))
	e.Partner = models.PersonID(firstOf(string(c.partner), string(e.Partner)))
	e.Manager = models.PersonID(firstOf(string(c.manager), string(e.Manager)))
	if c.consultants != nil {
		e.Consultants = c.consultants
	}
}

// savePlan writes the engagement file of a plan: for its client, from the kickoff that the plan has, with the team of the client's last
// engagement.
func (a *app) savePlan(ctx context.Context, name string, in client.PlanRequest, p client.Plan, team crew) error {
	if in.Client == "" {
		return misused("--save needs --client: a file has the client with its people")
	}
	if p.Kickoff.IsZero() || !p.Backward.ReportBy.IsZero() && !p.Backward.Possible {
		return failed(exitFailed, "nothing was written: there is no such plan")
	}
	there, err := a.engagementsOf(ctx, in.Client)
	if err != nil {
		return err
	}
	e := client.NewEngagement{Client: in.Client, ID: nextID(string(in.Client), p.Kickoff, there), Type: in.Type, Categories: in.Categories,
		Addons: in.Addons, Kickoff: p.Kickoff, AsOf: in.AsOf, WindowOpen: in.WindowOpen, WindowMonths: in.WindowMonths,
		PreviousClose: in.PreviousClose, TargetReport: in.ReportBy}
	if len(there) > 0 {
		last, _, err := decode[client.Engagement](a.ask(a.api.GetEngagement(ctx, there[0].ID)))
		if err != nil {
			return err
		}
		e.Partner, e.Manager, e.Consultants, e.Auditor = last.Partner, last.Manager, last.Consultants, last.Auditor
	}
	if team.over(&e); e.Partner == "" || e.Manager == "" {
		return misused("--save needs --partner and --manager: %s has had no engagement yet that says who they are", in.Client)
	}
	return a.save(ctx, name, in.Client, e)
}

// renewals are the types that come after others: the next year's.
var renewals = map[string]string{"soc2_type2": "soc2_type2_renewal", "soc2_type1_type2": "soc2_type2_renewal",
	"soc2_type2_renewal": "soc2_type2_renewal"}

func (a *app) engagementCopy() *cobra.Command {
	var kickoff models.Date
	var company models.ClientID
	var renew bool
	var file string
	var team crew
	return a.command(spec{
		use: "copy ENGAGEMENT --kickoff DATE --save FILE", short: "Write an engagement file like an engagement that is there",
		long: "Write an engagement file like an engagement that is there: the same type, scope and team from another kickoff on.\n" +
			"With --client it is for another client, whose people and functions it has then; with --renewal it is what renews the\n" +
			"report, from the end of the window on. Of the same client it names its predecessor. Nothing is kept: start the file.",
		example: "engagement copy northgate-2027 --kickoff 2028-01-10 --renewal --save -\n" +
			"engagement copy northgate-2027 --kickoff 2027-06-07 --client fernleaf --manager joel --save -",
		need: []string{"kickoff", "save"},
		flags: func(f *pflag.FlagSet) {
			dateVar(f, &kickoff, "kickoff", "of the kickoff meeting")
			wordVar(f, &company, "client", "whose the new engagement is (default: the same client's)")
			f.BoolVar(&renew, "renewal", false, "what renews its Type 2 report")
			saveVar(f, &file)
			team.flags(f)
		},
		run: func(ctx context.Context, args []string) error {
			old, _, err := decode[client.Engagement](a.ask(a.api.GetEngagement(ctx, models.EngagementID(args[0]))))
			if err != nil {
				return err
			}
			e := client.NewEngagement{Client: models.ClientID(firstOf(string(company), string(old.Client))), Type: old.Type,
				Categories: old.Categories, Addons: old.Addons, Kickoff: kickoff, WindowMonths: old.WindowMonths, Partner: old.Partner,
				Manager: old.Manager, Consultants: old.Consultants, Auditor: old.Auditor}
			if renew {
				if err := renewed(&e, old); err != nil {
					return err
				}
			}
			there, err := a.engagementsOf(ctx, e.Client)
			if err != nil {
				return err
			}
			like := string(old.ID)
			if e.Client == old.Client {
				e.Predecessor = old.ID
			}
			if e.Client != old.Client {
				like = string(e.Client)
			}
			e.ID = nextID(like, kickoff, there)
			team.over(&e)
			return a.save(ctx, file, e.Client, e)
		},
	})
}

// renewed makes of a copy what renews the report of the old engagement.
func renewed(e *client.NewEngagement, old client.Engagement) error {
	switch next := renewals[old.Type]; {
	case next == "":
		return misused("%s is of type %s, which nothing renews: leave --renewal out", old.ID, old.Type)
	case e.Client != old.Client:
		return misused("--renewal is of the same client: leave --client out")
	case old.Window.Closes.IsZero():
		return failed(exitFailed, "%s has no window yet, after whose end a renewal would begin", old.ID)
	default:
		e.Type, e.PreviousClose = next, old.Window.Closes
	}
	return nil
}
