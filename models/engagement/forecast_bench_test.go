package engagement_test

import (
	"fmt"
	"testing"

	"tickmark/models"
	"tickmark/models/catalog"
	"tickmark/models/engagement"
	"tickmark/models/modelstest"
)

// BenchmarkForecast forecasts an engagement with a thousand open tasks, as it is read, and as it is moved on on the first morning of a day,
// when the rest of it is played for the cautious date.
func BenchmarkForecast(b *testing.B) {
	d := modelstest.In(b, "soc2_type1_type2", catalog.PhaseRemediation)
	f, now := modelstest.CopyOf(d.Facts), d.Now.AddDate(0, 0, 20)
	for i := 0; len(f.Tasks) < 1000; i++ {
		t := modelstest.CopyOfTask(f.Tasks[i])
		t.ID = models.TaskID(fmt.Sprintf("%s-%d", t.ID, i))
		f.Tasks = append(f.Tasks, t)
	}
	b.Run("read", func(b *testing.B) {
		for range b.N {
			f.Forecast(now)
		}
	})
	b.Run("day", func(b *testing.B) {
		for range b.N {
			b.StopTimer()
			c := modelstest.CopyOf(f)
			b.StartTimer()
			engagement.Advance(c, now)
		}
	})
}
