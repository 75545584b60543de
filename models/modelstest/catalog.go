// Package modelstest is the cast of the tests of models and of the packages below it.
package modelstest

import "tickmark/models/catalog"

var SecurityOnly = []catalog.Category{catalog.Security}
