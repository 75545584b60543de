package holiday

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/ke"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/rs"
	"github.com/rickar/cal/v2/sk"

	"tickmark/models"
)

// What stands here is ours: where the library differs from the law, and places that it does not have.

var (
	toMonday  = []cal.AltDay{{Day: time.Saturday, Offset: 2}, {Day: time.Sunday, Offset: 1}}
	twoOn     = []cal.AltDay{{Day: time.Saturday, Offset: 2}, {Day: time.Sunday, Offset: 2}} // of two days in a row
	sunOn     = []cal.AltDay{{Day: time.Sunday, Offset: 1}}
	sunOver   = []cal.AltDay{{Day: time.Sunday, Offset: 2}} // of the first of two days in a row
	argentine = []cal.AltDay{{Day: time.Tuesday, Offset: -1}, {Day: time.Wednesday, Offset: -2}, {Day: time.Thursday, Offset: 4},
		{Day: time.Friday, Offset: 3}}
)

// fixed is a holiday of a day of the year.
func fixed(name string, month time.Month, day int, observed ...cal.AltDay) *cal.Holiday {
	return &cal.Holiday{Name: name, Month: month, Day: day, Observed: observed, Func: cal.CalcDayOfMonth}
}

// weekday is a holiday of the nth such day of a month; the last is -1.
func weekday(name string, month time.Month, day time.Weekday, nth int) *cal.Holiday {
	return &cal.Holiday{Name: name, Month: month, Weekday: day, Offset: nth, Func: cal.CalcWeekdayOffset}
}

// easter is a holiday so many days from Easter Sunday.
func easter(name string, days int) *cal.Holiday {
	return &cal.Holiday{Name: name, Offset: days, Func: cal.CalcEasterOffset}
}

// but returns holidays without some of them.
func but(all []*cal.Holiday, without ...*cal.Holiday) []*cal.Holiday {
	return slices.DeleteFunc(slices.Clone(all), func(h *cal.Holiday) bool { return slices.Contains(without, h) })
}

// and returns holidays with more of them.
func and(all []*cal.Holiday, more ...*cal.Holiday) []*cal.Holiday { return slices.Concat(all, more) }

// notIn returns a holiday that is not kept in some years.
func notIn(h *cal.Holiday, years ...int) *cal.Holiday {
	other := *h
	other.Except = slices.Concat(h.Except, years)
	return &other
}

// newYearsWeek are the other days of the Russian New Year holidays.
func newYearsWeek() []*cal.Holiday {
	var out []*cal.Holiday
	for _, day := range []int{2, 3, 4, 5, 6, 8} {
		out = append(out, fixed("Новогодние каникулы", time.January, day))
	}
	return out
}

// inaugurations are the days on which Mexico gets another president: 1 October of every sixth year since 2024.
func inaugurations() []*cal.Holiday {
	var out []*cal.Holiday
	for year := 2024; year <= models.MaxYear; year += 6 {
		day := fixed("Transmisión del Poder Ejecutivo Federal", time.October, 1)
		day.StartYear, day.EndYear = year, year
		out = append(out, day)
	}
	return out
}

func init() {
	countries["AR"] = []*cal.Holiday{
		fixed("Año Nuevo", time.January, 1), easter("Carnaval", -48), easter("Carnaval", -47),
		fixed("Día Nacional de la Memoria por la Verdad y la Justicia", time.March, 24),
		fixed("Día del Veterano y de los Caídos en la Guerra de Malvinas", time.April, 2), easter("Viernes Santo", -2),
		fixed("Día del Trabajador", time.May, 1), fixed("Día de la Revolución de Mayo", time.May, 25),
		fixed("Paso a la Inmortalidad del General Güemes", time.June, 17, argentine...),
		fixed("Paso a la Inmortalidad del General Belgrano", time.June, 20), fixed("Día de la Independencia", time.July, 9),
		fixed("Paso a la Inmortalidad del General San Martín", time.August, 17, argentine...),
		fixed("Día del Respeto a la Diversidad Cultural", time.October, 12, argentine...),
		fixed("Día de la Soberanía Nacional", time.November, 20, argentine...),
		fixed("Inmaculada Concepción de María", time.December, 8), fixed("Navidad", time.December, 25),
	}
	countries["BG"] = and(countries["BG"], fixed("Рождество Христово", time.December, 26))
	countries["BR"] = and(br.Holidays, easter("Carnaval", -48))
	countries["CA"] = but(ca.Holidays, ca.EasterMonday, ca.CivicDay)
	countries["CA-ON"] = []*cal.Holiday{
		ca.NewYear, weekday("Family Day", time.February, time.Monday, 3), ca.GoodFriday, ca.VictoriaDay,
		fixed("Canada Day", time.July, 1, sunOn...), ca.LabourDay, ca.ThanksgivingDay, ca.ChristmasDay, ca.BoxingDay,
	}
	countries["DE-MV"] = and(countries["DE-MV"], fixed("Internationaler Frauentag", time.March, 8))
	countries["GB-NIR"] = []*cal.Holiday{
		gb.NewYear, fixed("St Patrick's Day", time.March, 17, toMonday...), easter("Good Friday", -2),
		easter("Easter Monday", 1), weekday("Early May bank holiday", time.May, time.Monday, 1),
		weekday("Spring bank holiday", time.May, time.Monday, -1), fixed("Battle of the Boyne", time.July, 12, toMonday...),
		weekday("Summer bank holiday", time.August, time.Monday, -1), fixed("Christmas Day", time.December, 25, twoOn...),
		fixed("Boxing Day", time.December, 26, twoOn...),
	}
	countries["GB-SCT"] = []*cal.Holiday{
		fixed("New Year's Day", time.January, 1, twoOn...), fixed("2nd January", time.January, 2, twoOn...), easter("Good Friday", -2),
		weekday("Early May bank holiday", time.May, time.Monday, 1), weekday("Spring bank holiday", time.May, time.Monday, -1),
		weekday("Summer bank holiday", time.August, time.Monday, 1), fixed("St Andrew's Day", time.November, 30, toMonday...),
		fixed("Christmas Day", time.December, 25, twoOn...), fixed("Boxing Day", time.December, 26, twoOn...),
	}
	countries["IN"] = []*cal.Holiday{
		fixed("Republic Day", time.January, 26), fixed("Independence Day", time.August, 15), fixed("Gandhi Jayanti", time.October, 2),
	}
	countries["IL"] = israel()
	countries["KE"] = and(but(ke.Holidays, ke.ChristmasDay), fixed("Christmas Day", time.December, 25, sunOver...))
	countries["LU"] = and(countries["LU"], fixed("Europadag", time.May, 9))
	countries["MX"] = []*cal.Holiday{
		fixed("Año Nuevo", time.January, 1), weekday("Día de la Constitución", time.February, time.Monday, 1),
		weekday("Natalicio de Benito Juárez", time.March, time.Monday, 3), fixed("Día del Trabajo", time.May, 1),
		fixed("Día de la Independencia", time.September, 16), weekday("Día de la Revolución", time.November, time.Monday, 3),
		fixed("Navidad", time.December, 25),
	}
	countries["MX"] = and(countries["MX"], inaugurations()...)
	countries["NZ"] = and(nz.Holidays, nz.Matariki)
	countries["RS"] = []*cal.Holiday{
		fixed("Nova godina", time.January, 1, sunOver...), fixed("Nova godina", time.January, 2, sunOn...), rs.Bozic,
		fixed("Dan državnosti", time.February, 15, sunOver...), fixed("Dan državnosti", time.February, 16, sunOn...),
		fixed("Praznik rada", time.May, 1, sunOver...), fixed("Praznik rada", time.May, 2, sunOn...), afterEaster("Praznik rada"),
		rs.VelikiPetak, rs.Vaskrs, rs.VaskrsnjiPonedeljak, fixed("Dan primirja", time.November, 11, sunOn...),
	}
	countries["RU"] = and(countries["RU"], newYearsWeek()...)
	countries["SG"] = []*cal.Holiday{
		fixed("New Year's Day", time.January, 1, sunOn...), newYearOfTheMoon(0, sunOver...), newYearOfTheMoon(1, sunOn...),
		easter("Good Friday", -2), fixed("Labour Day", time.May, 1, sunOn...), fixed("National Day", time.August, 9, sunOn...),
		fixed("Christmas Day", time.December, 25, sunOn...),
	}
	countries["SK"] = and(but(sk.Holidays, sk.Liberation, sk.LadyOfSorrows, sk.Freedom), notIn(sk.Liberation, 2026),
		notIn(sk.LadyOfSorrows, 2026))
	countries["UA"] = []*cal.Holiday{
		fixed("Новий рік", time.January, 1, toMonday...), fixed("Міжнародний жіночий день", time.March, 8, toMonday...),
		{Name: "Великдень", Julian: true, Offset: 1, Func: cal.CalcEasterOffset},
		{Name: "Трійця", Julian: true, Offset: 50, Func: cal.CalcEasterOffset},
		fixed("День праці", time.May, 1, toMonday...), fixed("День пам'яті та перемоги", time.May, 8, toMonday...),
		fixed("День Конституції України", time.June, 28, toMonday...),
		fixed("День Української Державності", time.July, 15, toMonday...),
		fixed("День незалежності України", time.August, 24, toMonday...),
		fixed("День захисників і захисниць України", time.October, 1, toMonday...),
		fixed("Різдво Христове", time.December, 25, toMonday...),
	}
}
