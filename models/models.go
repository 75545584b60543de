// Package models holds the words that every part of Tickmark uses: dates without a time and calendars of business days, the clock and
// times of day, firms, clients and the people who work on engagements, ids, the refusals that people read, and how lists, numbers and
// texts are written for people. It knows the standard library alone, reads no clock and no database.
//
// The packages below it hold the rules: catalog what audits ask for, planning the dates of an engagement, engagement its facts and
// commands, reminders who is written to when and in which words, and store the databases that keep all of it. Each imports only those
// named before it.
package models
