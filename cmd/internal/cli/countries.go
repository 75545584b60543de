package cli

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"tickmark/api/client"
)

func (a *app) countryCommands() *cobra.Command {
	return group("country", "The countries whose public holidays are known", a.countryList())
}

func (a *app) countryList() *cobra.Command {
	var q string
	return a.command(spec{
		use: "list", short: "List the countries whose public holidays are known",
		long: "List the countries whose public holidays are known, with the day on which they were last held against the law, and what is not\n" +
			"known of them. Days that only the moon decides are in no country's list: name them as closed days.",
		example: "country list\ncountry list --q germany",
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&q, "q", "", "part of the name or code")
			a.csvVar(f)
		},
		run: func(ctx context.Context, _ []string) error {
			c, ans, err := decode[client.Catalog](a.ask(a.api.GetCatalog(ctx)))
			if err != nil {
				return err
			}
			all := slices.DeleteFunc(c.CountryChecks, func(x client.CatalogCountry) bool {
				return !strings.Contains(strings.ToLower(x.ID+" "+x.Name), strings.ToLower(q))
			})
			if ans.body, err = json.Marshal(all); err != nil {
				return err
			}
			return a.show(ans, func() { a.printCountries(all) })
		},
	})
}

func (a *app) printCountries(all []client.CatalogCountry) {
	var rows [][]string
	for _, c := range all {
		checked := "not checked"
		if !c.CheckedOn.IsZero() {
			checked = c.CheckedOn.String()
		}
		rows = append(rows, []string{c.ID, c.Name, checked, c.Note})
	}
	a.table([]string{"CODE", "COUNTRY", "LAST CHECK", "TO BE KNOWN"}, rows)
}
