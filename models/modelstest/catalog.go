// Package modelstest is the one cast of the tests, who stand in people.go with what each of them is: Acme Advisory, a firm of consultants,
// with two clients, Northgate and Westfield, and Bright Partners, another firm.
//
// The engagement of most tests is Northgate's, 180 people in New York. It is called e1 and its kickoff is on Monday, 2027-01-11. Of the
// firm, marta is its partner, ines its manager, priya and tom are its consultants; noor is a manager who is not on it. Of the client, ruth
// is the sponsor, kenji leads security and olga engineering, each the backup of the other. Hugo is the auditor. For each role there is
// somebody else who is not on it: vera, noor, cleo, sara, omar and ivor.
//
// A Desk is their engagement, judged by the real rules: Draft, Started and In make one, its methods let people act and days pass, and
// after every change it checks what must always hold. Only tests and their helpers import this package.
package modelstest

import (
	"sync"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/catalog/files"
	"tickmark/models/holiday"
)

// SecurityOnly is the scope of most SOC 2 engagements of the tests.
var SecurityOnly = []catalog.Category{catalog.Security}

// On returns a day that is written as 2027-01-31. It panics when there is no such day.
func On(s string) models.Date {
	d, err := models.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// Catalog returns the catalog of this program, read once.
var Catalog = sync.OnceValue(func() *catalog.Catalog {
	c, err := files.Load()
	if err != nil {
		panic(err)
	}
	return c
})

// Types returns the ids of all types of engagement, in the order of the catalog.
func Types() []string {
	var out []string
	for _, t := range Catalog().Types {
		out = append(out, t.ID)
	}
	return out
}

// DaysOff returns the public holidays of the United States from 2025 to 2034, reckoned once.
var DaysOff = sync.OnceValue(func() map[models.Date]string {
	days, err := holiday.Between("US", On("2025-01-01"), On("2034-12-31"))
	if err != nil {
		panic(err)
	}
	return days
})
