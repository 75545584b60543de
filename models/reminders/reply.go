package reminders

import (
	"time"

	"tickmark/models"
	"tickmark/models/engagement"
)

// What somebody is told who typed something to the app.

// replyWithin is for how long it is worth being told what became of what one typed.
const replyWithin = 3 * 24 * time.Hour

// ReplyTo returns the delivery that tells who typed something what became of it, where they typed it. What came in is answered once.
func ReplyTo(firm models.FirmID, to engagement.Typed, m Message, now time.Time) Delivery {
	m.Thread = to.Thread
	slot := to.Workspace + "/" + to.ID
	return Delivery{Firm: firm, ID: ReplyID(firm, to), Kind: KindReply, Slot: slot, Person: to.Person, Channel: ChannelSlack,
		Workspace: to.Workspace, Dest: to.Channel, Status: DeliveryScheduled, ScheduledAt: now, NotAfter: now.Add(replyWithin), Day: to.Day,
		Message: &m}
}

// ReplyID names what answers something that was typed.
func ReplyID(firm models.FirmID, to engagement.Typed) string {
	return DeliveryID(firm, "", KindReply, to.Workspace+"/"+to.ID, ChannelSlack)
}

// AnswerTaken is what somebody is told whose words were taken for the answer to a question, and also what else there is to say: how to
// correct or to undo it.
func AnswerTaken(f *engagement.Facts, q *engagement.Question, also string) Message {
	item := engagement.Item{Kind: engagement.ItemAnswered, Subject: q.ID}
	return Message{Subject: "Your answer",
		Intro: together("This was taken as your answer to "+f.Called(q.By, "the team")+". "+f.HearsAnswer(q), also),
		Sections: []Section{{Title: "Your answer", Lines: []engagement.Line{{Engagement: f.Engagement.ID, Item: item.Key(),
			Title: q.Title, Where: f.Engagement.Name, Text: "asked: " + models.Quoted(models.Brief(q.Text, 150)),
			Detail: "answered: " + models.Quoted(q.Answer), Acts: engagement.ActsOn(engagement.ItemAnswered)}}}},
		Footer: "To correct it press “" + engagement.ActAnswer.Label() + "”. “" + engagement.ActNoAnswer.Label() +
			"” takes it back: the question waits again."}
}
