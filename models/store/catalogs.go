package store

import (
	"context"
	"fmt"
	"sync"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"tickmark/models/catalog"
	"tickmark/models/catalog/files"
	"tickmark/models/engagement"
)

// A catalogRow is a catalog that an engagement of the firm was started with. It stays as long as the firm does.
type catalogRow struct {
	FirmID  string `gorm:"primaryKey"`
	Version string `gorm:"primaryKey"`
	Source  []byte
}

func (catalogRow) TableName() string { return "catalogs" }

// catalogs are those that were read from the database, by version: a version is a digest of what is in it.
type catalogs struct{ read sync.Map }

// catalog returns the catalog of a version: the newest one for none, as a draft has it.
func (s *Store) catalog(tx *gorm.DB, version string) (*catalog.Catalog, error) {
	if version == "" || version == s.root.Catalog.Version {
		return s.root.Catalog, nil
	}
	if known, ok := s.root.catalogs.read.Load(version); ok {
		return known.(*catalog.Catalog), nil
	}
	var row catalogRow
	if err := tx.Where("firm_id = ? AND version = ?", string(s.firm), version).Take(&row).Error; err != nil {
		return nil, fmt.Errorf("read the catalog %s: %w", version, err)
	}
	c, err := files.Unpack(row.Source)
	if err != nil {
		return nil, fmt.Errorf("read the catalog %s: %w", version, err)
	}
	s.root.catalogs.read.Store(version, c)
	return c, nil
}

// keepCatalog keeps the catalog with which an engagement has just been started.
func (c *change) keepCatalog(f *engagement.Facts) error {
	if f.Engagement.Catalog == c.row.Catalog {
		return nil
	}
	row := catalogRow{FirmID: string(c.ref.Firm), Version: f.Catalog.Version, Source: f.Catalog.Source}
	return fail("keep the catalog", c.tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error)
}

// keepCatalog gives the newest catalog to engagements that were started before catalogs were kept: it is the one by which they have
// been carried so far.
func (r *Root) keepCatalog(ctx context.Context) error {
	return r.write(ctx, "keep the catalog", func(tx *gorm.DB) error {
		var firms []string
		const without = "catalog = '' AND status <> 'draft'"
		if err := tx.Table("engagements").Where(without).Distinct().Pluck("firm_id", &firms).Error; err != nil {
			return err
		}
		for _, firm := range firms {
			row := catalogRow{FirmID: firm, Version: r.Catalog.Version, Source: r.Catalog.Source}
			if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&row).Error; err != nil {
				return err
			}
			if err := tx.Table("engagements").Where("firm_id = ? AND "+without, firm).Update("catalog", r.Catalog.Version).Error; err != nil {
				return err
			}
		}
		return nil
	})
}
