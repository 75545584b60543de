-- +goose Up

-- Who acts in whose place is asked with every request: who is away today, and of which functions somebody is the backup.
CREATE INDEX absences_until ON absences (firm_id, to_day);
CREATE INDEX duties_person ON duties (firm_id, person_id);
CREATE INDEX duties_backup ON duties (firm_id, backup_id);
