package store

import (
	"context"
	"time"

	"tickmark/models"
)

// SetDuty is ChangeDuty by who has just looked who holds the function.
func (s *Store) SetDuty(ctx context.Context, once Once, d models.Duty, now time.Time) (models.Duty, error) {
	was, err := s.Duty(ctx, d.Client, d.Function)
	if err != nil {
		return d, err
	}
	return s.ChangeDuty(ctx, once, was, d, now)
}
