package models

import "strings"

// countryNames are the names of countries and of their parts that have a code, in English.
var countryNames = map[string]string{
	"AR":     "Argentina",
	"AT":     "Austria",
	"AU":     "Australia (days that all states keep)",
	"AU-ACT": "Australian Capital Territory, Australia",
	"AU-NSW": "New South Wales, Australia",
	"AU-NT":  "Northern Territory, Australia",
	"AU-QLD": "Queensland, Australia",
	"AU-SA":  "South Australia, Australia",
	"AU-TAS": "Tasmania, Australia",
	"AU-VIC": "Victoria, Australia",
	"AU-WA":  "Western Australia, Australia",
	"BE":     "Belgium",
	"BG":     "Bulgaria",
	"BR":     "Brazil",
	"CA":     "Canada (federal)",
	"CA-ON":  "Ontario, Canada",
	"CH":     "Switzerland (days that all cantons keep)",
	"CH-AG":  "Aargau, Switzerland",
	"CH-AI":  "Appenzell Innerrhoden, Switzerland",
	"CH-AR":  "Appenzell Ausserrhoden, Switzerland",
	"CH-BE":  "Bern, Switzerland",
	"CH-BL":  "Basel-Landschaft, Switzerland",
	"CH-BS":  "Basel-Stadt, Switzerland",
	"CH-FR":  "Fribourg, Switzerland",
	"CH-GE":  "Geneva, Switzerland",
	"CH-GL":  "Glarus, Switzerland",
	"CH-GR":  "Graubünden, Switzerland",
	"CH-JU":  "Jura, Switzerland",
	"CH-LU":  "Lucerne, Switzerland",
	"CH-NE":  "Neuchâtel, Switzerland",
	"CH-NW":  "Nidwalden, Switzerland",
	"CH-OW":  "Obwalden, Switzerland",
	"CH-SG":  "St. Gallen, Switzerland",
	"CH-SH":  "Schaffhausen, Switzerland",
	"CH-SO":  "Solothurn, Switzerland",
	"CH-SZ":  "Schwyz, Switzerland",
	"CH-TG":  "Thurgau, Switzerland",
	"CH-TI":  "Ticino, Switzerland",
	"CH-UR":  "Uri, Switzerland",
	"CH-VD":  "Vaud, Switzerland",
	"CH-VS":  "Valais, Switzerland",
	"CH-ZG":  "Zug, Switzerland",
	"CH-ZH":  "Zurich, Switzerland",
	"CY":     "Cyprus",
	"CZ":     "Czechia",
	"DE":     "Germany (days that all states keep)",
	"DE-BB":  "Brandenburg, Germany",
	"DE-BE":  "Berlin, Germany",
	"DE-BW":  "Baden-Württemberg, Germany",
	"DE-BY":  "Bavaria, Germany",
	"DE-HB":  "Bremen, Germany",
	"DE-HE":  "Hesse, Germany",
	"DE-HH":  "Hamburg, Germany",
	"DE-MV":  "Mecklenburg-Vorpommern, Germany",
	"DE-NI":  "Lower Saxony, Germany",
	"DE-NW":  "North Rhine-Westphalia, Germany",
	"DE-RP":  "Rhineland-Palatinate, Germany",
	"DE-SH":  "Schleswig-Holstein, Germany",
	"DE-SL":  "Saarland, Germany",
	"DE-SN":  "Saxony, Germany",
	"DE-ST":  "Saxony-Anhalt, Germany",
	"DE-TH":  "Thuringia, Germany",
	"DK":     "Denmark",
	"EE":     "Estonia",
	"ES":     "Spain (national)",
	"FI":     "Finland",
	"FR":     "France",
	"GB":     "England and Wales",
	"GB-NIR": "Northern Ireland",
	"GB-SCT": "Scotland",
	"GR":     "Greece",
	"HR":     "Croatia",
	"HU":     "Hungary",
	"IE":     "Ireland",
	"IL":     "Israel",
	"IN":     "India (national)",
	"IS":     "Iceland",
	"IT":     "Italy",
	"JP":     "Japan",
	"KE":     "Kenya",
	"LT":     "Lithuania",
	"LU":     "Luxembourg",
	"LV":     "Latvia",
	"MT":     "Malta",
	"MW":     "Malawi",
	"MX":     "Mexico",
	"NC":     "New Caledonia",
	"NL":     "Netherlands",
	"NO":     "Norway",
	"NZ":     "New Zealand (national)",
	"PL":     "Poland",
	"PT":     "Portugal",
	"RO":     "Romania",
	"RS":     "Serbia",
	"RU":     "Russia",
	"SE":     "Sweden",
	"SG":     "Singapore",
	"SI":     "Slovenia",
	"SK":     "Slovakia",
	"UA":     "Ukraine",
	"US":     "United States (federal)",
	"ZA":     "South Africa",
}

// CountryName returns the English name of a country or of a part of one by its code, with what of it is meant; empty where the code is none
// that Tickmark has holidays for.
func CountryName(code string) string { return countryNames[strings.ToUpper(code)] }

// countryCalled returns the code of a country or of a part of one by its name, whole or without what of it is meant, or without the country
// that a part is of; empty where none is called so.
func countryCalled(name string) string {
	plain := plainWord(strings.TrimSpace(name))
	best := ""
	for code, full := range countryNames {
		short, _, _ := strings.Cut(full, " (")
		part, _, _ := strings.Cut(short, ", ")
		for _, called := range []string{full, short, part} {
			if plainWord(called) == plain && (best == "" || code < best) {
				best = code
			}
		}
	}
	return best
}

// namedCountry returns a code with its name beside it, as in US (United States).
func namedCountry(code string) string {
	name, _, _ := strings.Cut(CountryName(code), " (")
	if name == "" {
		return code
	}
	return code + " (" + name + ")"
}
