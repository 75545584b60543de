// Package modelstest is the cast of the tests of models and of the packages below it.
package modelstest

import (
	"sync"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/catalog/files"
	"tickmark/models/holiday"
)

var SecurityOnly = []catalog.Category{catalog.Security}

// On reads a day.
func On(s string) models.Date {
	d, err := models.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

var Catalog = sync.OnceValue(func() *catalog.Catalog {
	c, err := files.Load()
	if err != nil {
		panic(err)
	}
	return c
})

var DaysOff = sync.OnceValue(func() map[models.Date]string {
	days, err := holiday.Between("US", On("2025-01-01"), On("2034-12-31"))
	if err != nil {
		panic(err)
	}
	return days
})
