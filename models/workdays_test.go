package models

import (
	"testing"
	"time"
)

// Whether it is counted anew or was counted for somebody else, the joint business days of two calendars are the same; a calendar with
// another weekend or another closed day is another one.
func TestWhatIsCountedOnceIsRight(t *testing.T) {
	from := Date{Year: 2027, Month: time.January, Day: 4} // a Monday
	closed := Calendar{Closed: map[Date]string{from.AddDays(1): "Founders' day"}}.Indexed()
	friday := Calendar{Weekend: []time.Weekday{time.Friday, time.Saturday}, Closed: closed.Closed}.Indexed()
	for _, c := range []struct {
		name string
		a, b Calendar
		want int // joint business days in the first week
	}{
		{"Monday to Friday", Calendar{}, Calendar{}, 5},
		{"a closed Tuesday", Calendar{}, closed, 4},
		{"the same, the other way round", closed, Calendar{}, 4},
		{"a closed Tuesday, and no work on Fridays either", closed, friday, 3},
		{"another calendar with the same closed day", Calendar{}, Calendar{Closed: closed.Closed}.Indexed(), 4},
		{"a calendar that was not indexed", Calendar{}, Calendar{Closed: closed.Closed}, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			for i := range 3 {
				w := WorkdaysOf(c.a, c.b, from, 70)
				if got := w.Between(from, from.AddDays(7)); got != c.want {
					t.Errorf("the %d. time: %d business days in the first week, not %d", i+1, got, c.want)
				}
			}
		})
	}
	for range 3 * maxCounted { // calendars of many clients, none of them twice
		one := Calendar{Closed: map[Date]string{from.AddDays(2): "closed"}}.Indexed()
		if got := WorkdaysOf(one, Calendar{}, from, 7).Between(from, from.AddDays(7)); got != 4 {
			t.Fatalf("%d business days", got)
		}
	}
	if n := countedMany.Load(); n > maxCounted {
		t.Errorf("%d are kept", n)
	}
}
