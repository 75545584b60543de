package holiday

import (
	"strings"
	"time"

	"tickmark/models"
)

// A Check says of a country what it is called, and when and by which law its holidays were last held against a second source.
type Check struct {
	Name   string
	On     models.Date // no day: it has no second source, and its days are as the library has them
	Source string      // the law whose rules the second source has, as its writer knew them: no gazette was at hand
	Note   string      // what is not known, or has to be known with it; may be empty
}

// CheckOf returns what is said of a country that Countries returns, in either case; of any other it returns nothing.
func CheckOf(country string) Check {
	code := strings.ToUpper(country)
	c, ok := checks[code]
	if ok {
		c.Name = models.CountryName(code)
	}
	return c
}

// checked is the day on which the rules of the tests' second source were last written down and compared, for 2026 to 2029. Who checks a
// country anew gives it a day of its own. On that day the rules for Argentina, Bulgaria, Canada, Hungary, Mexico and Slovakia were also
// held against what python-holidays, holidata and yasumi have and say of the laws: Mexico's 1 October of every sixth year was missing.
var checked = models.Date{Year: 2026, Month: time.November, Day: 30}

// published is the day on which the days of Israel, Kenya, Serbia and Singapore for 2026 to 2028 were held against what public collections
// of holidays list.
var published = models.Date{Year: 2026, Month: time.December, Day: 1}

var checks = map[string]Check{
	"AR": {On: checked, Source: "Ley 27.399",
		Note: "Bridge days, and days that a decree moves each year, are not known: list them as closed and open days."},
	"AT": {On: checked, Source: "Feiertagsruhegesetz, § 1"},
	"AU": {On: checked, Source: "the holidays acts of the states",
		Note: "The days that states add are under AU-NSW and so on."},
	"AU-ACT": {},
	"AU-NSW": {},
	"AU-NT":  {},
	"AU-QLD": {},
	"AU-SA":  {},
	"AU-TAS": {},
	"AU-VIC": {},
	"AU-WA":  {},
	"BE":     {On: checked, Source: "royal decree of 18 April 1974, article 1"},
	"BG":     {On: checked, Source: "Labour Code, article 154"},
	"BR": {On: checked, Source: "Leis 662, 6.802, 10.607, 14.759; carnival and Corpus Christi as banks close",
		Note: "Holidays of states and cities are not known."},
	"CA": {On: checked, Source: "Canada Labour Code, section 166",
		Note: "General holidays of the Canada Labour Code; the days that provinces keep differ."},
	"CA-ON": {On: checked, Source: "Employment Standards Act, 2000, section 1"},
	"CH": {On: checked, Source: "the rest day acts of the cantons",
		Note: "The days that cantons add are under CH-ZH and so on."},
	"CH-AG": {},
	"CH-AI": {},
	"CH-AR": {},
	"CH-BE": {},
	"CH-BL": {},
	"CH-BS": {},
	"CH-FR": {},
	"CH-GE": {},
	"CH-GL": {},
	"CH-GR": {},
	"CH-JU": {},
	"CH-LU": {},
	"CH-NE": {},
	"CH-NW": {},
	"CH-OW": {},
	"CH-SG": {},
	"CH-SH": {},
	"CH-SO": {},
	"CH-SZ": {},
	"CH-TG": {},
	"CH-TI": {},
	"CH-UR": {},
	"CH-VD": {},
	"CH-VS": {},
	"CH-ZG": {},
	"CH-ZH": {},
	"CY": {On: checked, Source: "public holidays of the Republic",
		Note: "Easter Tuesday, on which banks close, is not among them."},
	"CZ": {On: checked, Source: "Act 245/2000"},
	"DE": {On: checked, Source: "the holidays acts of the states",
		Note: "The days that states add are under DE-BY and so on."},
	"DE-BB": {On: checked, Source: "FTG"},
	"DE-BE": {On: checked, Source: "FeiertG BE"},
	"DE-BW": {On: checked, Source: "FTG"},
	"DE-BY": {On: checked, Source: "FTG",
		Note: "Assumption (15 August) is kept in most communities: list it as a closed day where it is."},
	"DE-HB": {On: checked, Source: "SFTG"},
	"DE-HE": {On: checked, Source: "HFeiertagsG"},
	"DE-HH": {On: checked, Source: "FeiertG"},
	"DE-MV": {On: checked, Source: "FTG M-V"},
	"DE-NI": {On: checked, Source: "NFeiertagsG"},
	"DE-NW": {On: checked, Source: "Feiertagsgesetz NW"},
	"DE-RP": {On: checked, Source: "LFtG"},
	"DE-SH": {On: checked, Source: "SFTG"},
	"DE-SL": {On: checked, Source: "SFG"},
	"DE-SN": {On: checked, Source: "SächsSFG"},
	"DE-ST": {On: checked, Source: "FeiertG LSA"},
	"DE-TH": {On: checked, Source: "ThürFtG"},
	"DK": {On: checked, Source: "Lukkeloven, with Constitution Day",
		Note: "5 June is a day on which shops and banks close."},
	"EE": {On: checked, Source: "Public Holidays and Days of National Importance Act"},
	"ES": {On: checked, Source: "Real Decreto 2001/1983, article 45",
		Note: "Holidays of regions and cities are not known."},
	"FI": {On: checked, Source: "Working Time Act and Act 388/1937, with the eves that are customarily off"},
	"FR": {On: checked, Source: "Code du travail, L3133-1"},
	"GB": {On: checked, Source: "Banking and Financial Dealings Act 1971",
		Note: "England and Wales; Scotland is GB-SCT, Northern Ireland GB-NIR."},
	"GB-NIR": {On: checked, Source: "Banking and Financial Dealings Act 1971"},
	"GB-SCT": {On: checked, Source: "Banking and Financial Dealings Act 1971"},
	"GR":     {On: checked, Source: "public holidays of the Republic"},
	"HR":     {On: checked, Source: "Zakon o blagdanima"},
	"HU": {On: checked, Source: "Labour Code, section 102",
		Note: "Which rest days are moved, and which Saturdays are worked for them, a decree says each year: neither can be known in advance. " +
			"List the rest days as closed days once it is out; a Saturday that is worked is not counted as a business day."},
	"IE": {On: checked, Source: "Organisation of Working Time Act 1997, second schedule"},
	"IL": {On: published, Source: "Law and Administration Ordinance 1948, section 18A, and Independence Day Law 1949",
		Note: "The weekend is another: give friday and saturday. The eves, on which work ends early, are not among the days."},
	"IN": {On: checked, Source: "the three gazetted national holidays",
		Note: "Holidays of states, and those that follow the moon, are not known: list them as closed days."},
	"IS": {On: checked, Source: "Act 88/1971, with the two eves"},
	"IT": {On: checked, Source: "Legge 260/1949 and Legge 151/2025"},
	"JP": {On: checked, Source: "Act on National Holidays",
		Note: "Equinoxes are those reckoned; each is announced in the February before."},
	"KE": {On: published, Source: "Public Holidays Act, sections 2 to 4, and its schedule",
		Note: "Idd-ul-Fitr, which the moon decides, and days that a notice declares are not known: list them as closed days."},
	"LT": {On: checked, Source: "Labour Code, article 123"},
	"LU": {On: checked, Source: "Code du travail, L.232-2"},
	"LV": {On: checked, Source: "On Public Holidays, Commemoration Days and Celebration Days"},
	"MT": {On: checked, Source: "National Holidays and Other Public Holidays Act"},
	"MW": {
		Note: "Eid al-Fitr, which the moon decides, is not known."},
	"MX": {On: checked, Source: "Ley Federal del Trabajo, article 74",
		Note: "Election days are not known."},
	"NC": {On: checked, Source: "Code du travail, with 24 September"},
	"NL": {On: checked, Source: "Algemene termijnenwet, article 3"},
	"NO": {On: checked, Source: "Lov om helligdager and Act on 1 and 17 May"},
	"NZ": {On: checked, Source: "Holidays Act 2003 and Te Kāhui o Matariki Public Holiday Act 2022",
		Note: "Anniversary days of provinces are not known."},
	"PL": {On: checked, Source: "Act of 18 January 1951 on days off"},
	"PT": {On: checked, Source: "Código do Trabalho, article 234"},
	"RO": {On: checked, Source: "Labour Code, article 139"},
	"RS": {On: published, Source: "Zakon o državnim i drugim praznicima"},
	"RU": {On: checked, Source: "Labour Code, article 112",
		Note: "Days that a yearly decree moves are not known."},
	"SE": {On: checked, Source: "Act 1989:253, with the eves that are customarily off"},
	"SG": {On: published, Source: "Holidays Act 1998, section 4 and its schedule",
		Note: "Hari Raya Puasa, Hari Raya Haji, Vesak Day and Deepavali are proclaimed each year and not known, nor is the Chinese New Year " +
			"after 2050: list them as closed days."},
	"SI": {On: checked, Source: "Zakon o praznikih in dela prostih dnevih"},
	"SK": {On: checked, Source: "Act 241/1993"},
	"UA": {On: checked, Source: "Labour Code, article 73",
		Note: "Under martial law these are working days, and nobody can say in advance until when: list as open days those on which the " +
			"company works. Nor can it be known which working days a decree will move to a Saturday: list what is off for them as closed days."},
	"US": {On: checked, Source: "5 U.S.C. 6103"},
	"ZA": {On: checked, Source: "Public Holidays Act 36 of 1994",
		Note: "Days that are proclaimed for elections are not known."},
}
