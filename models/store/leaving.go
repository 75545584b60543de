package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"gorm.io/gorm"

	"tickmark/models"
	"tickmark/models/engagement"
	"tickmark/models/reminders"
)

// People leave, and others take over what was theirs.

// keepAPartner refuses (conflict) a change after which nobody who is active would be a partner of the firm: nobody could let anybody in
// again.
func (s *Store) keepAPartner(tx *gorm.DB, was, is models.Person) error {
	if !was.Active || was.Role != models.RolePartner || is.Active && is.Role == models.RolePartner {
		return nil
	}
	var others int64
	err := tx.Model(&personRow{}).Where("firm_id = ? AND role = ? AND active AND id <> ?", string(s.firm), string(models.RolePartner),
		string(was.ID)).Count(&others).Error
	if err == nil && others == 0 {
		return models.Refuse(models.Conflict, "active", "%s is the last partner who is active: nobody could let anybody in again", was.Name)
	}
	return fail("look for another partner", err)
}

// comesOrGoes notes in the records of somebody's engagements that they have left or are back, and settles what is scheduled for who has
// left. The engagements are locked before the messages that speak of them, as by every change.
func (s *Store) comesOrGoes(tx *gorm.DB, rec *record, p models.Person) error {
	ids, err := s.engagementsWith(tx, p)
	if err != nil {
		return err
	}
	for _, id := range ids {
		_, err := s.changeIn(tx, rec, id, engagement.Need{}, func(f *engagement.Facts, at time.Time) error {
			engagement.Leave(f, p.ID, rec.once.Actor, rec.reason, at)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if p.Active {
		return nil
	}
	return s.dropScheduled(tx, rec, p)
}

// engagementsWith returns, locked, the engagements that have not ended and in which somebody may hold something, by id: those of their
// company, those they are on by name, and those of which a task is theirs, theirs to accept, or has them as its backup.
func (s *Store) engagementsWith(tx *gorm.DB, p models.Person) ([]models.EngagementID, error) {
	firm, who := string(s.firm), string(p.ID)
	q := tx.Model(&engagementRow{}).Where("firm_id = ? AND status NOT IN ('cancelled', 'completed')", firm)
	if p.Client != "" {
		q = q.Where("client_id = ?", string(p.Client))
	} else {
		q = q.Where("(id IN (SELECT engagement_id FROM engagement_members WHERE firm_id = ? AND person_id = ?) OR id IN "+
			"(SELECT engagement_id FROM tasks WHERE firm_id = ? AND (owner = ? OR approver = ? OR backup = ?) AND "+openStates+"))",
			firm, who, firm, who, who, who)
	}
	var out []models.EngagementID
	return out, fail("look where somebody has work", q.Clauses(lock).Order("id").Pluck("id", &out).Error)
}

// dropScheduled settles what is scheduled for somebody who has left: nothing of it is for them any more.
func (s *Store) dropScheduled(tx *gorm.DB, rec *record, p models.Person) error {
	var rows []deliveryRow
	err := tx.Clauses(lock).Where("firm_id = ? AND person_id = ? AND status = ?", string(s.firm), string(p.ID),
		string(reminders.DeliveryScheduled)).Order("id").Find(&rows).Error
	if err != nil {
		return fail("read what is scheduled for somebody", err)
	}
	for i := range rows {
		to := statusChange{status: reminders.DeliverySuppressed, reason: p.Name + " has left", drop: true, now: rec.now}
		may, err := s.mayHaveArrived(tx, rows[i], to.status)
		if err != nil {
			return err
		}
		if may {
			to.status, to.reason = reminders.DeliveryUncertain, "nobody can tell whether it arrived: it was tried, and then "+to.reason
		}
		if err := s.setStatus(tx, &rows[i], to); err != nil {
			return err
		}
	}
	return nil
}

// changeIn changes an engagement in a transaction that does more than that, as Change does: decide changes the facts at an instant that is
// not before the engagement's last event. The news of it are told when everything is committed.
func (s *Store) changeIn(tx *gorm.DB, rec *record, id models.EngagementID, need engagement.Need,
	decide func(*engagement.Facts, time.Time) error) (*engagement.Facts, error) {
	f, h, below, err := s.factsIn(tx, id, need)
	if err != nil {
		return nil, err
	}
	at := rec.now
	if last := instant(h.engagement.EventAt); last.After(at) {
		at = last
	}
	was := f.Engagement
	ch := newChange(tx, &h.engagement, below, f, rec.once.Key, at)
	ch.clock = s.root.clock()
	if err := decide(f, at); err != nil {
		return nil, err
	}
	if err := ch.write(f); err != nil {
		return nil, err
	}
	if err := ch.out.send(tx); err != nil {
		return nil, err
	}
	if f.Engagement.Revision != was.Revision {
		rec.news = append(rec.news, News{models.Ref{Firm: s.firm, Engagement: id}, f.Engagement.Revision,
			engagement.Wakes(was, f.Engagement, at)})
	}
	return f, nil
}

// factsIn reads the facts about an engagement as they are in a transaction, with its row and what stands below it, and locks it. Nothing
// that is kept in memory knows of the people of this transaction.
func (s *Store) factsIn(tx *gorm.DB, id models.EngagementID, need engagement.Need) (*engagement.Facts, *head, *body, error) {
	p := &pipeline{}
	h := s.head(p, id, forChange)
	if err := p.send(tx); err != nil {
		return nil, nil, nil, err
	}
	h.last = ""
	f, below, err := s.facts(tx, h, need)
	return f, h, below, err
}

// A Leaving asks that what is somebody's becomes others', and that their access ends where they leave.
type Leaving struct {
	Actor  engagement.Actor
	Person models.PersonID
	Ends   bool // their access ends, whether or not anybody takes over
	Check  bool // nothing is kept: only what would become of it is answered
	Reason string

	// Who takes over: To, unless Engagements says otherwise of an engagement, Roles of what belongs to a function or role, or Tasks of a
	// task; the last of these that says anything counts, and an empty name leaves a thing with whom it is.
	To          models.PersonID
	Engagements map[models.EngagementID]models.PersonID
	Roles       map[string]models.PersonID
	Tasks       map[models.EngagementID]map[models.TaskID]models.PersonID

	// Only is the one engagement in which work is handed over, with the functions of the client; empty: all of them.
	Only models.EngagementID

	// Told is what is told to them of functions that are taken from them, by function.
	Told map[string][]NewDelivery
}

// A HeldThing is one thing that somebody holds, and where.
type HeldThing struct {
	Engagement models.EngagementID // empty: of the client
	Name       string              // of the engagement or client
	Client     models.ClientID     // of a function
	engagement.Held
}

// A HandedOver is what became of a Leaving, or with Check would become of it.
type HandedOver struct {
	Person    models.Person
	Held      []HeldThing // what they held, each with who takes it over
	Elsewhere bool        // they hold more in engagements that are not shown to the actor
	Faults    Faults      // with Check, or where somebody leaves: what the hand-over is refused for, so that nothing is handed over
}

// HandOver gives what is somebody's to those who take it over, all of it or nothing, and ends their access where they leave, in one
// transaction and once for its key. Their access ends also where the hand-over is refused: then nothing is handed over, and the answer has
// the Faults. Each who takes over is told once of each engagement, with the functions of the client. In engagements
// that are not shown to the actor nothing is handed over: it stands open for those who see them. With Check the same is done and undone.
//
// It refuses, forbidden, what the actor may not do by the single requests; invalid, with all Faults, a hand-over that the rules of the
// single requests refuse, by the name of each thing; stale, another revision of the person than once.IfRevision; not found, a person who
// is not there; and a key that came with another request.
func (s *Store) HandOver(ctx context.Context, once Once, l Leaving, now time.Time) (HandedOver, error) {
	out, err := s.handOver(ctx, once, l, nil, now)
	refused := refusedFor(err)
	if !l.Ends || !l.takes() || len(refused) == 0 {
		return out, err
	}
	// Their access ends whatever becomes of the rest: who must not get in any more does not wait for a name to be spelt right.
	l.To, l.Engagements, l.Roles, l.Tasks, l.Told = "", nil, nil, nil, nil
	return s.handOver(ctx, once, l, refused, now)
}

// refusedFor returns what an error refuses; nil where it is no refusal.
func refusedFor(err error) Faults {
	if all, ok := errors.AsType[Faults](err); ok {
		return all
	}
	if refused, ok := errors.AsType[*models.Error](err); ok && refused.Code != models.Unavailable && refused.Code != models.KeyReused &&
		refused.Code != models.Stale {
		return Faults{{refused.Field, refused.Message}}
	}
	return nil
}

// takes reports whether somebody is to take anything over.
func (l Leaving) takes() bool { return l.To != "" || len(l.Engagements)+len(l.Roles)+len(l.Tasks) > 0 }

// handOver is HandOver all or nothing. refused is what a hand-over was refused for before, with which this one is answered.
func (s *Store) handOver(ctx context.Context, once Once, l Leaving, refused Faults, now time.Time) (HandedOver, error) {
	var h *leaving
	out, err := recorded(ctx, s, "hand over somebody's work", once, now, func(tx *gorm.DB, rec *record) (HandedOver, error) {
		rec.reason = l.Reason
		h = &leaving{Store: s, in: l, tx: tx, rec: rec}
		if err := h.run(); err != nil {
			return HandedOver{}, err
		}
		switch {
		case l.Check:
			return HandedOver{}, errChecked
		case len(h.faults) > 0:
			return HandedOver{}, h.faults
		}
		h.out.Faults = refused
		return h.out, nil
	})
	if errors.Is(err, errChecked) {
		h.out.Faults = append(refused, h.faults...)
		return h.out, nil
	}
	return out, err
}

// A leaving is a Leaving that is being carried out.
type leaving struct {
	*Store
	in  Leaving
	tx  *gorm.DB
	rec *record

	out    HandedOver
	took   map[models.PersonID][]string // functions that each takes over, in words
	faults Faults
}

func (l *leaving) run() error {
	p, err := l.readPerson(l.tx, l.in.Person)
	if err != nil {
		return err
	}
	if err := l.rec.once.stale("the person", p.Revision); err != nil {
		return err
	}
	l.out.Person, l.took = p, map[models.PersonID][]string{}
	if err := l.mayHandOver(p); err != nil {
		return err
	}
	if err := l.names(p); err != nil {
		return err
	}
	ids, err := l.engagementsWith(l.tx, p)
	if err != nil {
		return err
	}
	if l.in.Ends && p.Active {
		l.out.Person, err = l.changeSomebody(l.tx, l.rec, Once{}, p.ID, func(p *models.Person) error { p.Active = false; return nil })
		if err != nil {
			return err
		}
	}
	if err := l.functions(p); err != nil {
		return err
	}
	for _, id := range ids {
		if l.in.Only != "" && id != l.in.Only {
			continue
		}
		if err := l.engagement(id); err != nil {
			return err
		}
	}
	return l.named(ids)
}

// mayHandOver refuses an actor who may not end somebody's access, or not hand over what is theirs.
func (l *leaving) mayHandOver(p models.Person) error {
	on := engagement.Target{Person: p}
	if l.in.Actor.Role.Side() == models.SideFirm {
		var err error
		if on, err = l.meet(l.tx, l.in.Actor, p); err != nil {
			return err
		}
	}
	if err := l.in.Actor.May("handOverPerson", &on); err != nil {
		return err
	}
	if !l.in.Ends {
		return nil
	}
	gone := p
	gone.Active = false
	return l.in.Actor.MayChange(on, gone)
}

// names finds whom the request names by the short names of a client's people, and refuses (invalid) who is nobody active.
func (l *leaving) names(p models.Person) error {
	found := map[models.PersonID]models.PersonID{} // a request may name one person a thousand times
	find := func(field string, name models.PersonID) (models.PersonID, error) {
		id := name
		if known, ok := found[name]; ok || name == "" {
			return known, nil
		}
		if p.Client != "" {
			var err error
			if id, err = l.Store.names(l.tx, l.in.Actor, p.Client, id); err != nil {
				return "", err
			}
		}
		to, err := l.readPerson(l.tx, id)
		switch {
		case models.CodeOf(err) == models.NotFound || err == nil && (!to.Active || to.Client != p.Client):
			return id, models.Refuse(models.Invalid, field, "%s %.80q is nobody active who could take over from %s", field, string(id), p.Name)
		case err == nil && to.ID == p.ID:
			return id, models.Refuse(models.Invalid, field, "%s is whose work it is: name somebody else", p.Name)
		case err == nil:
			found[name] = id
		}
		return id, err
	}
	var err error
	if l.in.To, err = find("to", l.in.To); err != nil {
		return err
	}
	for id := range l.in.Engagements {
		if l.in.Engagements[id], err = find("engagements", l.in.Engagements[id]); err != nil {
			return err
		}
	}
	for role := range l.in.Roles {
		if l.in.Roles[role], err = find("functions", l.in.Roles[role]); err != nil {
			return err
		}
	}
	for _, tasks := range l.in.Tasks {
		for id := range tasks {
			if tasks[id], err = find("tasks", tasks[id]); err != nil {
				return err
			}
		}
	}
	return nil
}

// named refuses engagements that the request names and in which nothing is theirs.
func (l *leaving) named(ids []models.EngagementID) error {
	missing := func(field string, id models.EngagementID) {
		if !slices.Contains(ids, id) {
			l.fault(field, "there is no engagement "+string(id)+" in which they hold anything")
		}
	}
	for id := range l.in.Engagements {
		missing("engagements", id)
	}
	for id := range l.in.Tasks {
		missing("tasks", id)
	}
	return nil
}

func (l *leaving) fault(field, detail string) {
	if f := (Fault{field, detail}); !slices.Contains(l.faults, f) {
		l.faults = append(l.faults, f)
	}
}

// note collects what a rule refuses. What is forbidden ends everything at once, and so does what is no refusal.
func (l *leaving) note(err error) error {
	if all, ok := errors.AsType[engagement.Refusals](err); ok {
		for _, r := range all {
			l.fault(r.Field, r.Message)
		}
		return nil
	}
	if refused, ok := errors.AsType[*models.Error](err); ok && refused.Code != models.Forbidden && refused.Code != models.NotFound {
		l.fault(refused.Field, refused.Message)
		return nil
	}
	return err
}

// functions gives the client's functions that somebody holds, or is the backup in, to those who take them over.
func (l *leaving) functions(p models.Person) error {
	var rows []dutyRow
	err := l.tx.Where("firm_id = ? AND (person_id = ? OR backup_id = ?)", string(l.firm), string(p.ID), string(p.ID)).
		Order("client_id, function").Find(&rows).Error
	if err != nil {
		return fail("list somebody's functions", err)
	}
	for i := range rows {
		if err := l.function(p, rows[i].model()); err != nil {
			return err
		}
	}
	return nil
}

func (l *leaving) function(p models.Person, is models.Duty) error {
	c, err := l.readClient(l.tx, is.Client)
	if err != nil {
		return err
	}
	f, _ := l.root.Catalog.Function(is.Function)
	x := HeldThing{Client: is.Client, Name: c.Name, Held: engagement.Held{Place: engagement.PlaceFunction, Subject: is.Function,
		Title: cmp.Or(f.Name, is.Function), Role: is.Function}}
	if is.Person != p.ID {
		x.Place = engagement.PlaceFunctionBackup
	}
	to, said := l.in.Roles[is.Function]
	if !said {
		to = l.in.To
	}
	x.To = to
	l.out.Held = append(l.out.Held, x)
	if to == "" {
		return nil
	}
	d := is.Handed(p.ID, to)
	if err := l.mayGive(is, d); err != nil {
		return err
	}
	if _, err := l.setDuty(l.tx, l.rec, d); err != nil {
		return l.note(err)
	}
	if x.Place == engagement.PlaceFunction {
		l.took[to] = append(l.took[to], x.Title)
	} else if d.Backup == to {
		l.took[to] = append(l.took[to], "backup of "+x.Title)
	}
	_, err = l.schedule(l.tx, &writer{}, l.in.Told[is.Function])
	return err
}

// mayGive refuses to give a function to another to an actor who may not give it.
func (l *leaving) mayGive(is, d models.Duty) error {
	if err := l.in.Actor.May("assignFunction", nil); err != nil {
		return err
	}
	return l.mayGiveDuty(l.tx, l.in.Actor, is, d)
}

// engagement gives what somebody holds in an engagement to those who take it over.
func (l *leaving) engagement(id models.EngagementID) error {
	f, _, _, err := l.factsIn(l.tx, id, engagement.Need{})
	if err != nil {
		return err
	}
	ask := &engagement.HandOver{From: l.in.Person, To: l.in.To, Roles: l.in.Roles, Tasks: l.in.Tasks[id]}
	if to, said := l.in.Engagements[id]; said {
		ask.To = to
	}
	var held []HeldThing
	taken := false
	for _, x := range f.HandedOver(ask) {
		if x.Place == engagement.PlaceFunction || x.Place == engagement.PlaceFunctionBackup {
			continue
		}
		held = append(held, HeldThing{Engagement: id, Name: f.Engagement.Name, Held: x})
		taken = taken || x.To != ""
	}
	if !l.in.Actor.SeesEngagement(f.Engagement, l.rec.now) {
		l.out.Elsewhere = l.out.Elsewhere || len(held) > 0
		return nil
	}
	l.out.Held = append(l.out.Held, held...)
	ask.Also = l.also(f)
	if !taken && len(ask.Also) == 0 {
		return nil
	}
	c := engagement.Command{Kind: engagement.HandOverWork, Actor: l.in.Actor, Key: cmp.Or(l.rec.once.Key, "hand-over"), Hash: l.rec.once.Hash,
		Reason: l.in.Reason, HandOver: ask}
	_, err = l.changeIn(l.tx, l.rec, id, engagement.NeedOf(c), func(f *engagement.Facts, at time.Time) error {
		_, err := engagement.Decide(f, c, at)
		return err
	})
	return l.note(err)
}

// also returns what each takes over of the client's functions, in words, for the first of its engagements that is alive: they are told
// of it once.
func (l *leaving) also(f *engagement.Facts) map[models.PersonID]string {
	if len(l.took) == 0 || !f.Engagement.Status.Live() {
		return nil
	}
	out := map[models.PersonID]string{}
	for to, names := range l.took {
		out[to] = "At " + f.Client.Name + " you are now: " + models.Words(names) + "."
	}
	l.took = nil
	return out
}

// A HandedDuty is what became of a function that was given to somebody.
type HandedDuty struct {
	models.Duty
	Stays  int // open tasks of the function that stay with who held it before
	Handed int // those that have become the new holder's
}

// HandDuty is ChangeDuty by an actor which also says how many open tasks of the function stay with who held it until now, in the
// engagements that are shown to the actor, or hands them over in the same transaction, all of them or nothing. It refuses then what
// HandOver refuses.
func (s *Store) HandDuty(ctx context.Context, once Once, a engagement.Actor, was, d models.Duty, hand bool, now time.Time,
	told ...NewDelivery) (HandedDuty, error) {
	return recorded(ctx, s, "set a duty", once, now, func(tx *gorm.DB, rec *record) (HandedDuty, error) {
		given, err := s.changeDuty(tx, rec, was, d, told...)
		out := HandedDuty{Duty: given}
		if err != nil || was.Person == "" || given.Person == "" || was.Person == given.Person {
			return out, err
		}
		p, err := s.readPerson(tx, was.Person)
		if err != nil {
			return out, err
		}
		ids, err := s.engagementsWith(tx, p)
		if err != nil {
			return out, err
		}
		l := &leaving{Store: s, tx: tx, rec: rec,
			in: Leaving{Actor: a, Person: was.Person, Roles: map[string]models.PersonID{d.Function: given.Person}}}
		for _, id := range ids {
			if err := l.ofFunction(id, d.Function, hand, &out); err != nil {
				return out, err
			}
		}
		if len(l.faults) > 0 {
			return out, l.faults
		}
		return out, nil
	})
}

// ofFunction counts the open tasks of a function that are somebody's in an engagement, and hands them over where that is asked for.
func (l *leaving) ofFunction(id models.EngagementID, function string, hand bool, out *HandedDuty) error {
	f, _, _, err := l.factsIn(l.tx, id, engagement.Need{})
	if err != nil || !l.in.Actor.SeesEngagement(f.Engagement, l.rec.now) {
		return err
	}
	n := 0
	for _, x := range f.HeldBy(l.in.Person) {
		if x.Place == engagement.PlaceTask && x.Role == function {
			n++
		}
	}
	if !hand {
		out.Stays += n
		return nil
	}
	out.Handed += n
	return l.engagement(id)
}

// HeldFor returns what a hand-over of work in an engagement is about, each thing with who takes it over.
func (s *Store) HeldFor(ctx context.Context, id models.EngagementID, c engagement.Command) ([]HeldThing, error) {
	f, err := s.Facts(ctx, id, engagement.Need{})
	if err != nil {
		return nil, err
	}
	var out []HeldThing
	for _, x := range f.HandedOver(f.Names(c).HandOver) {
		if x.Place != engagement.PlaceFunction && x.Place != engagement.PlaceFunctionBackup {
			out = append(out, HeldThing{Engagement: id, Name: f.Engagement.Name, Held: x})
		}
	}
	return out, nil
}

// TryCommand carries a command out on an engagement as it is now and keeps nothing of it. It returns all that the command is refused for as
// things stand; who may not send it is refused.
func (s *Store) TryCommand(ctx context.Context, id models.EngagementID, c engagement.Command, now time.Time) (Faults, error) {
	f, err := s.Facts(ctx, id, engagement.NeedOf(c))
	if err != nil {
		return nil, err
	}
	_, err = engagement.Decide(f, c, now)
	l := &leaving{}
	err = l.note(err)
	return l.faults, err
}
