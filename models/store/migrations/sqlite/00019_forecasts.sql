-- +goose Up

-- What of a forecast is kept from one day to the next, as JSON; empty: nothing was reckoned yet.
ALTER TABLE engagements ADD COLUMN outlook TEXT NOT NULL DEFAULT '';

-- How the forecast of each report has moved: what was reckoned last on each day on which it was.
CREATE TABLE forecasts (
	firm_id       TEXT NOT NULL,
	engagement_id TEXT NOT NULL,
	report        TEXT NOT NULL, -- readiness, type1, type2
	day           TEXT NOT NULL, -- the engagement's local day
	expected      TEXT NOT NULL,
	cautious      TEXT NOT NULL,
	late          INTEGER NOT NULL, -- business days after the promised day; negative before it
	percent       INTEGER NOT NULL, -- of the planned work that was done
	PRIMARY KEY (firm_id, engagement_id, report, day),
	FOREIGN KEY (firm_id, engagement_id) REFERENCES engagements (firm_id, id)
);
