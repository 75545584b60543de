package reminders

import (
	"testing"

	"tickmark/models"
)

// An id is how a ledger knows that a message is written down already: the ids of earlier releases stay the same, byte for byte.
func TestDeliveriesKeepTheirIDs(t *testing.T) {
	for _, d := range []struct {
		firm    models.FirmID
		person  models.PersonID
		kind    DeliveryKind
		slot    string
		channel Channel
		want    string
	}{
		{"acme", "olga", KindDigest, "2027-03-02", ChannelMail, "f2f7dc14-57a4-5490-acde-08facfa75f46"},
		{"acme", "", KindCounts, "bolt/2027-03-01", ChannelSlack, "960b4fe2-1edf-5270-8e79-48f265843a8b"},
		{"Größe & Co", "zoë", KindNow, "e1/17", ChannelSlack, "e93f16f2-9d47-5dcb-b2d2-11e3b7a36105"},
	} {
		if got := DeliveryID(d.firm, d.person, d.kind, d.slot, d.channel); got != d.want {
			t.Errorf("%s of %s in %s is %s, it was %s", d.kind, d.person, d.slot, got, d.want)
		}
	}
}
