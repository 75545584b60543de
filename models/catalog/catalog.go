// Package catalog holds the types of the built-in catalog and the questions about it: types of engagements, phases with their tasks and
// gates, controls, evidence requests, gap questions, policies, rules of sampling and ladders of reminders, and what of it is in the
// scope of one engagement. The YAML that it is read from, the loader and its checks are in package files.
package catalog

// The types of the built-in catalog: criteria, controls, evidence requests, gap questions, policies and the plan of an
// engagement, phase by phase. Package catalog reads them from its files; nothing here is of one client. The store keeps the
// catalog that an engagement was started with, so that a later one never changes a running audit by itself.

// A Phase is one of the twelve stretches of an engagement, from kickoff to renewal.
type Phase string

// The phases in the order of the catalog. Some run side by side: the window may be set up while Type 1 is reported.
const (
	PhaseKickoff     Phase = "kickoff"
	PhaseGap         Phase = "gap"
	PhaseRemediation Phase = "remediation"
	PhaseT1Prep      Phase = "t1_prep"
	PhaseT1Fieldwork Phase = "t1_fieldwork"
	PhaseT1Report    Phase = "t1_report"
	PhaseWindowSetup Phase = "window_setup"
	PhaseWindow      Phase = "t2_window"
	PhaseT2Close     Phase = "t2_close"
	PhaseT2Fieldwork Phase = "t2_fieldwork"
	PhaseT2Report    Phase = "t2_report"
	PhaseRenewal     Phase = "renewal"
)

// A Category is one of the five trust services categories. Security, the common criteria, is in every SOC 2.
type Category string

// The five categories.
const (
	Security            Category = "security"
	Availability        Category = "availability"
	ProcessingIntegrity Category = "processing_integrity"
	Confidentiality     Category = "confidentiality"
	Privacy             Category = "privacy"
)

// A Catalog is everything the product knows about SOC engagements before it meets a client. The loader fills it and
// calls Index once; from then on it is only read, also by many at once.
type Catalog struct {
	Version string // schema and digest of the files; an engagement notes the version it was started with
	Source  []byte // the files, packed, from which the loader reads the same catalog again

	CriteriaFile
	RolesFile
	ControlsFile
	PoliciesFile
	EvidenceFile
	QuestionsFile
	PhasesFile
	SOC1      SOC1File
	Cyber     CyberFile
	Sampling  SamplingFile
	Reminders RemindersFile

	index index
}

// CriteriaFile is criteria.yaml: the trust services criteria and the SOC 2 description criteria.
type CriteriaFile struct {
	Schema              string                 `yaml:"schema"`
	Framework           Framework              `yaml:"framework"`
	Categories          []CategoryInfo         `yaml:"categories"`
	Groups              []CriteriaGroup        `yaml:"groups"`
	Criteria            []Criterion            `yaml:"criteria"`
	DescriptionCriteria []DescriptionCriterion `yaml:"description_criteria_soc2"`
}

// A Framework names the edition of the criteria and how many there are.
type Framework struct {
	ID    string `yaml:"id"`
	Name  string `yaml:"name"`
	Total int    `yaml:"total"`
}

// A CategoryInfo describes a category to those who choose the scope.
type CategoryInfo struct {
	ID       Category `yaml:"id"`
	Name     string   `yaml:"name"`
	Count    int      `yaml:"count"`
	Required bool     `yaml:"required"`
	Note     string   `yaml:"note"`
}

// A CriteriaGroup is a family of criteria, as CC6 for access.
type CriteriaGroup struct {
	ID       string   `yaml:"id"`
	Category Category `yaml:"category"`
	Name     string   `yaml:"name"`
}

// A Criterion is what the auditor measures controls against. Its title is in our words, its id is the AICPA's.
type Criterion struct {
	ID       string   `yaml:"id"`
	Group    string   `yaml:"group"`
	Category Category `yaml:"category"`
	COSO     int      `yaml:"coso"` // the COSO principle it repeats; 0 when none
	Title    string   `yaml:"title"`
}

// A DescriptionCriterion is what a SOC 2 system description must tell.
type DescriptionCriterion struct {
	ID            string `yaml:"id"`
	Title         string `yaml:"title"`
	EvidenceStage string `yaml:"evidence_stage"`
	Type2Only     bool   `yaml:"type2_only"`
}

// RolesFile is roles.yaml: who does what at the client, and the rights in the product.
type RolesFile struct {
	Schema    string           `yaml:"schema"`
	Functions []ClientFunction `yaml:"client_functions"`
	AppRoles  []AppRole        `yaml:"app_roles"`
}

// A ClientFunction is a duty at the client that owns items by default. When nobody holds it, Fallback owns them; the
// chain ends at the sponsor, whose Fallback is empty.
type ClientFunction struct {
	ID       string `yaml:"id"`
	Name     string `yaml:"name"`
	Fallback string `yaml:"fallback"`
}

// An AppRole is a set of rights in the product, held on the side of the firm, the client or the auditor.
type AppRole struct {
	ID   string `yaml:"id"`
	Side string `yaml:"side"`
	Name string `yaml:"name"`
}

// ControlsFile is controls.yaml: the common controls by domain.
type ControlsFile struct {
	Schema   string    `yaml:"schema"`
	Domains  []Domain  `yaml:"domains"`
	Controls []Control `yaml:"controls"`
}

// A Domain is a field of work that groups controls and questions. Category switches its controls on.
type Domain struct {
	ID       string   `yaml:"id"`
	Category Category `yaml:"category"`
	Name     string   `yaml:"name"`
}

// The sections of the questionnaire that ask what belongs to no domain of common controls.
const (
	DomainSOC1  = "SOC1"
	DomainCyber = "CYBER"
)

// A Control is what a company does, regularly or always, so that a criterion is met.
type Control struct {
	ID        string   `yaml:"id"`
	Category  Category `yaml:"category"` // which scope switches it on; the domain's unless it has its own
	Domain    string   `yaml:"domain"`
	Name      string   `yaml:"name"`
	Criteria  []string `yaml:"criteria"`
	Frequency string   `yaml:"frequency"` // continuous daily weekly monthly quarterly semiannual annual event
	Nature    string   `yaml:"nature"`    // manual automated hybrid
	Type      string   `yaml:"type"`      // preventive detective corrective
	Owner     string   `yaml:"owner"`     // a client function
	Essential bool     `yaml:"essential"` // must operate before an as-of date or the first day of a window
	Scale     int      `yaml:"scale"`     // smallest headcount for which it is normally expected
	SmallAlt  string   `yaml:"small_alt"` // a lighter form for tiny companies
	Statement string   `yaml:"statement"`

	Objective string   `yaml:"-"` // of a SOC 1 control: the objective it serves
	Reuse     []string `yaml:"-"` // of a SOC 1 control: common controls whose evidence serves it too
}

// PoliciesFile is policies.yaml.
type PoliciesFile struct {
	Schema   string   `yaml:"schema"`
	Policies []Policy `yaml:"policies"`
}

// A Policy is a template of a written rule: the headings the client completes.
type Policy struct {
	ID       string   `yaml:"id"`
	Name     string   `yaml:"name"`
	Criteria []string `yaml:"criteria"`
	Controls []string `yaml:"controls"`
	Review   string   `yaml:"review"`
	Owner    string   `yaml:"owner"`
	Approver string   `yaml:"approver"`
	Outline  []string `yaml:"outline"`
}

// EvidenceFile is evidence.yaml.
type EvidenceFile struct {
	Schema   string            `yaml:"schema"`
	Evidence []EvidenceRequest `yaml:"evidence"`
}

// Stages at which evidence is asked for.
const (
	StageGap = "gap"
	StageT1  = "t1"
	StageT2  = "t2"
)

// KindPopulation is the kind of evidence that lists every instance of a period, from which the auditor samples.
const KindPopulation = "population"

// An EvidenceRequest asks a client for a proof. It names the controls it proves or, in SOC 1 only, the objectives.
type EvidenceRequest struct {
	ID          string   `yaml:"id"`
	Name        string   `yaml:"name"`
	Provide     string   `yaml:"provide"`
	Kind        string   `yaml:"kind"` // document config record population
	Cadence     string   `yaml:"cadence"`
	Stages      []string `yaml:"stages"`
	Controls    []string `yaml:"controls"`
	Objectives  []string `yaml:"objectives"`
	Owner       string   `yaml:"owner"`
	Sensitivity string   `yaml:"sensitivity"` // normal personal secret
	Sample      string   `yaml:"sample"`      // what is pulled for each selected item of a population
}

// QuestionsFile is questions.yaml.
type QuestionsFile struct {
	Schema      string             `yaml:"schema"`
	SizeFactors map[string]float64 `yaml:"size_factor"`
	Questions   []Question         `yaml:"questions"`
}

// A Question of the gap analysis. A no opens the gap described by IfNo.
type Question struct {
	ID         string   `yaml:"id"`
	Domain     string   `yaml:"domain"`
	Question   string   `yaml:"question"`
	Criteria   []string `yaml:"criteria"`
	Controls   []string `yaml:"controls"`
	Objectives []string `yaml:"objectives"`
	IfNo       IfNo     `yaml:"if_no"`
}

// IfNo is the gap that a no opens and the work that closes it.
type IfNo struct {
	Severity   string  `yaml:"severity"` // critical high medium low
	Gap        string  `yaml:"gap"`
	Task       string  `yaml:"task"`
	EffortDays float64 `yaml:"effort_days"` // person-days at a company of about 50
	Owner      string  `yaml:"owner"`
}

// SOC1File is soc1.yaml: control objectives, since SOC 1 has no fixed criteria.
type SOC1File struct {
	Schema     string            `yaml:"schema"`
	Objectives []Objective       `yaml:"objectives"`
	Evidence   []EvidenceRequest `yaml:"evidence"`
	Questions  []Question        `yaml:"questions"`
}

// GroupITGC is the group of objectives about IT in general, on which all others lean.
const GroupITGC = "itgc"

// An Objective is what management promises about its customers' financial reporting.
type Objective struct {
	ID         string             `yaml:"id"`
	Group      string             `yaml:"group"` // itgc or process
	Title      string             `yaml:"title"`
	Assertions []string           `yaml:"icfr_assertions"`
	Controls   []ObjectiveControl `yaml:"controls"`
}

// An ObjectiveControl serves a SOC 1 objective. Evidence of the common controls in Reuse is shown first.
type ObjectiveControl struct {
	ID        string   `yaml:"id"`
	Name      string   `yaml:"name"`
	Frequency string   `yaml:"frequency"`
	Nature    string   `yaml:"nature"`
	Owner     string   `yaml:"owner"`
	Reuse     []string `yaml:"reuse"`
}

// CyberFile is soccyber.yaml: the description criteria of SOC for Cybersecurity and the choice of control criteria.
type CyberFile struct {
	Schema     string           `yaml:"schema"`
	Options    []CriteriaOption `yaml:"control_criteria_options"`
	Categories []CyberCategory  `yaml:"categories"`
	Criteria   []CyberCriterion `yaml:"criteria"`
	Questions  []Question       `yaml:"questions"`
}

// A CriteriaOption is a framework management may choose as control criteria. The catalog covers its Uses only.
type CriteriaOption struct {
	ID                    string     `yaml:"id"`
	Name                  string     `yaml:"name"`
	Default               bool       `yaml:"default"`
	Uses                  []Category `yaml:"uses_catalog"`
	NeedsAuditorAgreement bool       `yaml:"needs_auditor_agreement"`
}

// A CyberCategory groups the description criteria of SOC for Cybersecurity.
type CyberCategory struct {
	ID   string `yaml:"id"`
	Name string `yaml:"name"`
}

// A CyberCriterion is what the description of a cybersecurity program must tell, and what supports it.
type CyberCriterion struct {
	ID       string   `yaml:"id"`
	Ref      string   `yaml:"ref"` // the AICPA's number, shared with SOC 2: hence our own id
	Category string   `yaml:"category"`
	Title    string   `yaml:"title"`
	Controls []string `yaml:"controls"`
	Evidence []string `yaml:"evidence"`
}

// PhasesFile is phases.yaml: the plan of every type of engagement.
type PhasesFile struct {
	Schema        string           `yaml:"schema"`
	Types         []EngagementType `yaml:"engagement_types"`
	Addons        []Addon          `yaml:"addons"`
	Anchors       []AnchorTemplate `yaml:"anchors"`
	WindowLengths WindowLengths    `yaml:"window_lengths_months"`
	Sizes         []int            `yaml:"sizes"`
	LeastDays     int              `yaml:"least_days"` // business days that a task is left at the least; 0, before 2027-02: any, even none
	Durations     []PhaseDuration  `yaml:"durations"`
	Phases        []PhaseTemplate  `yaml:"phases"`
	Returns       []ReturnTemplate `yaml:"returns"`
	Tasks         []TaskTemplate   `yaml:"tasks"`
	Renewal       RenewalRules     `yaml:"renewal_rules"`
}

// An EngagementType sets the flags that choose phases and tasks.
type EngagementType struct {
	ID    string   `yaml:"id"`
	Name  string   `yaml:"name"`
	Flags []string `yaml:"flags"` // of soc2 soc1 cyber audit t1 t2 renewal
}

// An Addon sets one more flag on an engagement that has all of Requires.
type Addon struct {
	ID       string   `yaml:"id"`
	Name     string   `yaml:"name"`
	Flag     string   `yaml:"flag"`
	Requires []string `yaml:"requires_flags"`
}

// An AnchorTemplate is a date from which due dates are counted: given by people, or computed from others. Package planning says how.
type AnchorTemplate struct {
	ID    string   `yaml:"id"`
	Name  string   `yaml:"name"`
	Needs []string `yaml:"needs"` // the flags without which it has no meaning
}

// WindowLengths says how many months an observation window may last.
type WindowLengths struct {
	Allowed        []int `yaml:"allowed"`
	DefaultFirst   int   `yaml:"default_first"`
	DefaultRenewal int   `yaml:"default_renewal"`
	WarnBelow      int   `yaml:"warn_below"`
}

// A PhaseDuration is how many business days a phase takes, low, typical and high, by headcount.
type PhaseDuration struct {
	Phase       Phase             `yaml:"phase"`
	Sizes       map[string][3]int `yaml:"sizes"`
	PerCategory map[string]int    `yaml:"per_category"` // added for each category beyond security
}

// A PhaseTemplate is a phase of the plan with what lets it end. When it begins, and what runs beside it, is the route in package
// engagement.
type PhaseTemplate struct {
	ID           Phase          `yaml:"id"`
	Name         string         `yaml:"name"`
	Order        int            `yaml:"order"`
	When         []string       `yaml:"when"` // every flag that must be set
	StartAnchor  string         `yaml:"start_anchor"`
	Exit         []GateTemplate `yaml:"exit"`
	Deliverables []string       `yaml:"deliverables"`
}

// A GateTemplate is a decision without which a phase does not end. It may be signed once the tasks in Needs are
// closed, by Approver: a role of the product, or system for what the calendar alone decides.
type GateTemplate struct {
	ID       string   `yaml:"id"`
	Text     string   `yaml:"text"`
	Approver string   `yaml:"approver"`
	Blocking bool     `yaml:"blocking"`
	Needs    []string `yaml:"needs"`

	NotBefore string `yaml:"not_before"` // an anchor: it is not signed before that day
}

// A ReturnTemplate is an event that sends an engagement back, stretches a phase or splits it. From may be "*", any
// phase; To may be "same phase".
type ReturnTemplate struct {
	ID       string   `yaml:"id"`
	Trigger  string   `yaml:"trigger"`
	From     []string `yaml:"from"`
	To       string   `yaml:"to"`
	Effect   string   `yaml:"effect"`
	Approver []string `yaml:"approver"`
}

// A TaskTemplate becomes one task of an engagement or, with Expand, one for each thing named there.
type TaskTemplate struct {
	ID              string   `yaml:"id"`
	Phase           Phase    `yaml:"phase"`
	When            []string `yaml:"when"` // every flag that must be set
	Title           string   `yaml:"title"`
	Owner           string   `yaml:"owner"`    // role, client function, or owner of the thing: control_owner, ...
	Approver        string   `yaml:"approver"` // empty: nobody
	Due             DueRule  `yaml:"due"`
	EffortHours     float64  `yaml:"effort_h"`
	EffortMinutes   int      `yaml:"-"`          // EffortHours in whole minutes
	After           []string `yaml:"depends_on"` // tasks that come first; those the engagement has not got are dropped
	Gate            bool     `yaml:"gate"`
	Deliverable     string   `yaml:"deliverable"`
	Many            string   `yaml:"many"`   // what several copies of it are called, after their number; may be empty
	Expand          string   `yaml:"expand"` // per_control, per_policy, per_gap_high, ...; empty: one task
	Note            string   `yaml:"note"`
	MinWindowMonths int      `yaml:"min_window_months"` // left out of shorter windows
	Repeats         *Repeat  `yaml:"repeats"`

	Checks       string `yaml:"checks"`        // the task whose doer may not do this one: it looks over the same subject's (domain.md 7.2)
	Redo         bool   `yaml:"redo"`          // it is done again when its phase is opened again
	Risk         bool   `yaml:"risk"`          // it mends a gap whose risk the sponsor may accept instead
	NoWaiver     bool   `yaml:"no_waiver"`     // it is about a critical or high gap: nobody may waive it
	IssuesReport bool   `yaml:"issues_report"` // the report has been issued when it is done
	OnTheDay     bool   `yaml:"on_the_day"`    // a meeting, a window's first or last day, a date of issue: it may be due on the day it opens
}

// UnitCalendarDays is the unit of a DueRule that counts every day. An empty unit counts business days.
const UnitCalendarDays = "cd"

// A DueRule counts a due date from an anchor, backwards when Offset is negative. FromCadence counts from the
// occurrence's own date instead.
type DueRule struct {
	Anchor      string `yaml:"anchor"`
	Offset      int    `yaml:"offset"`
	Unit        string `yaml:"unit"`
	FromCadence bool   `yaml:"from_cadence"`
}

// A Repeat makes a task come again, weekly, monthly or quarterly, from its first due date until an anchor.
type Repeat struct {
	Every string `yaml:"every"`
	Until string `yaml:"until"`
}

// RenewalRules says what a yearly renewal leaves out and which phases it shortens.
type RenewalRules struct {
	SkipTasks       []string          `yaml:"skip_tasks"`
	ShrinkDurations map[Phase]float64 `yaml:"shrink_durations"`
}
