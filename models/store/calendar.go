package store

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"tickmark/models"
	"tickmark/models/holiday"
)

// calendars keeps the calendars that have been made: firms and clients have few, and asking for holidays costs more than
// all the rest of a Facts. A calendar is only read, so that many may use one.
type calendars struct {
	mu   sync.Mutex
	made map[string]models.Calendar
}

// maxCalendars is how many are kept; when there are more, any other is forgotten.
const maxCalendars = 2000

// of returns the calendar of a company in a country, over the years in which an engagement may have days to count.
func (c *calendars) of(country string, weekend []time.Weekday, closed, open []models.Date, from, to int) (models.Calendar, error) {
	var key strings.Builder
	key.WriteString(country)
	for _, n := range []int{from, to} {
		key.WriteByte(' ')
		key.WriteString(strconv.Itoa(n))
	}
	for _, day := range weekend {
		key.WriteByte('0' + byte(day))
	}
	w := writer{}
	for _, day := range closed {
		key.WriteString(w.date(day))
	}
	key.WriteByte('/')
	for _, day := range open {
		key.WriteString(w.date(day))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if made, ok := c.made[key.String()]; ok {
		return made, nil
	}
	made, err := holiday.Calendar(country, weekend, closed, open, from, to)
	if err != nil {
		return models.Calendar{}, err
	}
	made = made.Indexed()
	if c.made == nil {
		c.made = map[string]models.Calendar{}
	}
	if len(c.made) >= maxCalendars {
		for other := range c.made {
			delete(c.made, other)
			break
		}
	}
	c.made[key.String()] = made
	return made, nil
}

// A workplace is a company as the people who work for it count its days.
type workplace struct {
	days    models.Calendar
	country string
	open    []models.Date // holidays of the country on which the company works
}

// living returns the business days of somebody who works for a company and lives in a country: the company's, less the holidays of the
// country. Where it is the company's own, or a part of it, they work on the holidays on which the company does. Without a country they live
// where the company is. What they say of a day of their own counts before all of that.
func (c *calendars) living(at workplace, p models.Person, country string, from, to int) (models.Calendar, error) {
	if country == "" {
		return at.days.Own(p.Closed, p.Open), nil
	}
	var open []models.Date
	if whole(country) == whole(at.country) {
		open = at.open
	}
	lives, err := c.of(country, at.days.Weekend, nil, open, from, to)
	if err != nil {
		return models.Calendar{}, err
	}
	return at.days.And(lives).Own(p.Closed, p.Open), nil
}

// whole returns the country of a code of a country or of a part of one: DE of DE-BY.
func whole(country string) string {
	code, _, _ := strings.Cut(strings.ToUpper(country), "-")
	return code
}
