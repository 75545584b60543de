package api

import (
	"context"

	"tickmark/api/gen"
	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/holiday"
)

func (h handlers) GetCatalog(ctx context.Context, _ gen.GetCatalogRequestObject) (gen.GetCatalogResponseObject, error) {
	c := of(ctx).Root.Catalog
	return gen.GetCatalog200JSONResponse{
		Version: c.Version,
		Types: each(c.Types, func(t catalog.EngagementType) gen.CatalogType {
			return gen.CatalogType{ID: t.ID, Name: t.Name, Flags: some(t.Flags),
				Phases: each(c.PhasesFor(t.Flags), func(p catalog.PhaseTemplate) catalog.Phase { return p.ID })}
		}),
		Categories: each(c.Categories, func(x catalog.CategoryInfo) gen.CatalogCategory {
			return gen.CatalogCategory{ID: x.ID, Name: x.Name, Required: x.Required, Note: x.Note}
		}),
		Addons: each(c.Addons, func(a catalog.Addon) gen.CatalogAddon {
			return gen.CatalogAddon{ID: a.ID, Name: a.Name, Requires: some(a.Requires)}
		}),
		Phases: each(c.Phases, func(p catalog.PhaseTemplate) gen.CatalogPhase {
			return gen.CatalogPhase{ID: p.ID, Name: p.Name, Order: p.Order}
		}),
		Functions: each(c.Functions, func(f catalog.ClientFunction) gen.CatalogFunction {
			return gen.CatalogFunction{ID: f.ID, Name: f.Name, Fallback: f.Fallback}
		}),
		Countries: append(holiday.Countries(), "none"),
		CountryChecks: each(holiday.Countries(), func(id string) gen.CatalogCountry {
			c := holiday.CheckOf(id)
			return gen.CatalogCountry{ID: id, Name: c.Name, CheckedOn: c.On, Source: c.Source, Note: c.Note}
		}),
		WindowMonths: some(c.WindowLengths.Allowed),
		Returns: each(c.Returns, func(r catalog.ReturnTemplate) gen.CatalogReturn {
			return gen.CatalogReturn{ID: r.ID, Trigger: r.Trigger, Effect: r.Effect,
				Approvers: each(r.Approver, func(role string) models.Role { return models.Role(role) })}
		}),
	}, nil
}
