package fault

// What comes of errors.
const (
	Away          Effect = "away"                         // the database cannot be had now
	Ours          Effect = "our fault"                    // the program or its installation is wrong
	Taken         Effect = "taken"                        // a row with the same key is there
	NoText        Effect = "no text"                      // bytes that cannot be kept
	NoTable       Effect = "not migrated"                 // a table is missing
	CallerGone    Effect = "nobody waits"                 // who asked has gone
	InDoubt       Effect = "in doubt"                     // the database said something that nobody knows
	Limited       Effect = "asked to wait"                // Slack wants fewer calls
	Disconnected  Effect = "workspace cut off"            // the token of a workspace is good for nothing
	Unbound       Effect = "cannot be written to"         // the account, channel or address
	Refused       Effect = "message refused"              // this message, as it is
	Perhaps       Effect = "perhaps sent"                 // nobody knows whether it was sent
	Greylisted    Effect = "to come back"                 // the mail server asks to send the letter later
	NoMail        Effect = "mail server away"             // it cannot be reached or hangs up
	MailRefused   Effect = "mail server refuses us"       // as a whole, or our address
	WrongPassword Effect = "mail server refuses password" // user and password
	NotEncrypted  Effect = "no encryption"                // none, or none that can be trusted
	NoTemporal    Effect = "Temporal away"                // it cannot be had now
	NotThere      Effect = "not there"                    // no such workflow, schedule or namespace
	NoNamespace   Effect = "no namespace"                 // Temporal has none of this name
	NotLetIn      Effect = "Temporal does not let us in"  // key, certificate, rights
	Refuses       Effect = "Temporal refuses"             // versions, rights, what was asked
	DoesNotSay    Effect = "Temporal says nothing new"    // what nobody knows
	NoDisk        Effect = "disk cannot be written to"    // full, read only
	Unwritten     Effect = "disk in doubt"                // what was written may be there or not
)

// nobodyKnows has the effect of an error that is not in the table, by its source.
var nobodyKnows = map[Source]Effect{Slack: Perhaps, SlackHTTP: Perhaps, SMTP: Perhaps, PostgreSQL: InDoubt, SQLite: InDoubt,
	Connection: InDoubt, Temporal: DoesNotSay, Disk: Unwritten}

// What is promised, and who is told.
const (
	kept     = "the letter was not sent, and is kept until somebody mends the settings"
	inLog    = "the log, as a warning; `/readyz` for as long as it stays"
	asError  = "the log, as an error, with the id of the request that the caller is given"
	inHealth = "`message health`, with the reason"
)

// consequences say what each effect means. Their order is that of the page.
var consequences = []consequence{
	{Away, Passing, "503: nothing was done; the same request with the same key passes as soon as it is over",
		"the whole transaction for two seconds, with growing pauses; then whoever asked tries", inLog},
	{InDoubt, Unknown, "before a COMMIT 500 and nothing else; of a COMMIT 503: it is not known whether it was done, and the same key tells",
		"a COMMIT with its key for two seconds; else nothing", asError},
	{Ours, Lasting, "500: our fault; never 503, never \"send again later\"", "nothing", asError},
	{Taken, Lasting, "409 where the caller chose the id; else 500", "nothing", "the caller; where it is 500, " + asError},
	{NoText, Lasting, "400: nothing was done; the text has characters that cannot be kept", "nothing", "the caller"},
	{NoTable, Lasting, "500: our fault; only of the table of versions it says that nobody has migrated yet, and the answer names `migrate`",
		"nothing; every request looks whether it has been migrated", asError},
	{CallerGone, Unknown, "nothing, since nobody reads it; the same key tells whoever comes back", "nothing", "nobody"},
	{NoDisk, Passing, "503: nothing was done; the same request with the same key passes as soon as there is room",
		"the whole transaction for two seconds", inLog},
	{Unwritten, Unknown, "as a database that is in doubt", "as a database that is in doubt", asError},
	{Limited, Passing, "the message was not sent, and is kept", "after the time that Slack names, all of this workspace", inHealth},
	{Disconnected, Lasting, "the message was not sent by this workspace; it goes by mail where there is an address",
		"other messages by mail; the workspace as `docs/reminders.md` says", "the managers of those whom it reached; " + inHealth},
	{Unbound, Lasting, "the message was not sent there; it goes by mail where Slack could not and there is an address",
		"the account as `docs/reminders.md` says; an address with the next message", "the manager; " + inHealth},
	{Refused, Lasting, "this message was not sent; it goes by mail where Slack refused it and there is an address",
		"nothing of this message; what it said is in the next", "the ledger of messages, with the reason"},
	{Perhaps, Unknown, "the message may have been sent",
		"by Slack: looked for in the channel first, sent again only when a complete look did " +
			"not find it; by mail: nothing, the next message says what it said", "the ledger of messages (`uncertain` in the end); " + inHealth},
	{Greylisted, Passing, "the letter was not sent, and is kept", "this letter after five minutes", "the ledger of messages"},
	{NoMail, Passing, "the letter was not sent, and is kept", "all mail, with growing pauses", inHealth},
	{MailRefused, Lasting, kept, "all mail, with growing pauses", inHealth + "; the log at the start"},
	{WrongPassword, Lasting, kept, "all mail, with growing pauses", inHealth + "; the log at the start"},
	{NotEncrypted, Lasting, kept, "all mail, with growing pauses", inHealth + "; the log at the start"},
	{NoTemporal, Passing, "nothing: commands are carried out without it; engagements are woken when it is back",
		"by the keeper, every 15 seconds", inLog},
	{NotThere, Lasting, "nothing: what is to be ended has ended, what is to run is started", "nothing", "nobody"},
	{NoNamespace, Lasting, "nothing: commands are carried out without it; no engagement is woken until `setup --temporal` has made it",
		"by the keeper, every 15 seconds", inLog},
	{NotLetIn, Lasting, "nothing: commands are carried out without it; no engagement is woken until somebody gives us the right",
		"by the keeper, every 15 seconds", inLog},
	{Refuses, Lasting, "nothing: commands are carried out without it; no engagement is woken until somebody acts",
		"by the keeper, every 15 seconds", inLog},
	{DoesNotSay, Unknown, "nothing: an engagement may have been woken; waking it twice is waking it once",
		"by the keeper, every 15 seconds", inLog},
}

// A group is rows of one source with one effect. A code may be followed by ": " and what it means.
type group struct {
	source Source
	effect Effect
	undone bool
	codes  []string
}

// rows are all errors that are known. Each stands here once.
var rows = []group{
	// PostgreSQL, by SQLSTATE. Undone says what it means as the answer to a COMMIT: the server itself refused, and nothing was done.
	{PostgreSQL, Away, true, []string{"40xxx: it was rolled back for another transaction", "53xxx: disk, memory or connections are used up",
		"55P03: a lock was not had in time", "55006: another uses it", "25006: the database is read only",
		"25P03: the transaction did nothing for too long", "57014: the statement took too long or was given up",
		"0A000: a release has changed the tables under a statement that was prepared before"}},
	{PostgreSQL, Away, false, []string{"08xxx: the connection was lost", "57P01: the server goes down", "57P02: the server crashed",
		"57P03: the server starts", "57P05: the session did nothing for too long", "58030: the server's disk failed"}},
	{PostgreSQL, InDoubt, false, []string{"08007: whether it was done is not known", "40003: whether it was done is not known",
		"57xxx: somebody of the server's intervened", "58xxx: the server's system failed", "XX000: the server failed inside"}},
	{PostgreSQL, Taken, true, []string{"23505: a unique constraint"}},
	{PostgreSQL, NoText, true, []string{"22021: bytes that are no UTF-8, or a NUL", "22P05: a character that cannot be kept"}},
	{PostgreSQL, NoTable, true, []string{"42P01: no such table"}},
	{PostgreSQL, Ours, true, []string{"0Axxx: not supported", "21xxx: cardinality", "22xxx: a value out of its range or form",
		"23xxx: a constraint", "25xxx: the state of the transaction", "26xxx: no such statement", "28xxx: user or password",
		"34xxx: no such cursor", "3Dxxx: no such database", "3Fxxx: no such schema", "40002: a constraint, at the end of a transaction",
		"42xxx: wrong SQL, or no right to it", "54xxx: more than the server can do", "55xxx: not in a state for it",
		"P0xxx: a trigger refused, such as those of the record"}},
	{PostgreSQL, Ours, false, []string{"08P01: the protocol was not kept", "57P04: the database was dropped",
		"58P01: a file of the server is missing",
		"58P02: a file of the server is there twice", "F0xxx: the server's settings", "XX001: a table is damaged", "XX002: an index is damaged"}},
	// SQLite, by result code; the extended ones that are named come first.
	{SQLite, Away, true, []string{"5: SQLITE_BUSY, another process writes", "6: SQLITE_LOCKED, another connection writes",
		"7: SQLITE_NOMEM, no memory", "8: SQLITE_READONLY, the file cannot be written to", "9: SQLITE_INTERRUPT, given up",
		"13: SQLITE_FULL, the disk is full", "14: SQLITE_CANTOPEN, the file cannot be opened",
		"15: SQLITE_PROTOCOL, others took the lock again and again"}},
	{SQLite, Away, false, []string{"10: SQLITE_IOERR, the disk failed"}},
	{SQLite, Taken, true, []string{"1555: SQLITE_CONSTRAINT_PRIMARYKEY", "2067: SQLITE_CONSTRAINT_UNIQUE"}},
	{SQLite, NoText, true, []string{"no text: bytes that are no UTF-8, or a NUL; we refuse them, as PostgreSQL does"}},
	{SQLite, NoTable, true, []string{"no such table"}},
	{SQLite, Ours, true, []string{"1: SQLITE_ERROR, wrong SQL", "3: SQLITE_PERM, no right to the file", "18: SQLITE_TOOBIG, a value too large",
		"19: SQLITE_CONSTRAINT", "20: SQLITE_MISMATCH, a value of another type", "21: SQLITE_MISUSE", "23: SQLITE_AUTH, no right to it",
		"25: SQLITE_RANGE, no such argument"}},
	{SQLite, Ours, false, []string{"11: SQLITE_CORRUPT, the file is damaged", "26: SQLITE_NOTADB, the file is no database"}},
	{SQLite, InDoubt, false, []string{"2: SQLITE_INTERNAL", "4: SQLITE_ABORT"}},
	// Connections to a database, by what Go says of them.
	{Connection, Away, false, []string{"no answer in time", "hung up: the other side ended the connection",
		"ended: our side ended the connection",
		"not reached: nobody listens, or there is no such host", "not sent: nothing of it left this machine",
		"going down: this program has closed the database"}},
	{Connection, Away, true, []string{"rolled back: its time was up"}},
	{Connection, CallerGone, false, []string{"given up: who asked has gone"}},
	{Connection, Ours, false, []string{"certificate: the server's is not trusted"}},
	// The disk, by errno.
	{Disk, NoDisk, false, []string{"ENOSPC: full", "EDQUOT: the quota is used up", "EROFS: read only", "EMFILE: too many files are open",
		"ENFILE: too many files are open on this machine"}},
	{Disk, Unwritten, false, []string{"EIO: it failed"}},
	{Disk, Ours, false, []string{"EACCES: no right to the file", "EPERM: no right to it", "ENOENT: no such file", "ENOTDIR: no such folder",
		"EISDIR: a folder, not a file"}},
	// Slack's words, of the methods that we call.
	{Slack, Limited, false, []string{"ratelimited", "rate_limited", "message_limit_exceeded", "accesslimited", "team_added_to_org"}},
	{Slack, Disconnected, false, []string{"invalid_auth", "token_revoked", "account_inactive", "token_expired", "not_authed",
		"org_login_required", "team_disabled", "app_uninstalled"}},
	{Slack, Unbound, false, []string{"channel_not_found", "is_archived", "user_disabled", "user_not_found", "users_not_found",
		"not_in_channel", "cannot_dm_bot", "messages_tab_disabled", "restricted_action", "restricted_action_read_only_channel",
		"restricted_action_thread_only_channel", "restricted_action_non_threadable_channel", "invalid_user_combination", "user_not_visible",
		"not_reachable"}},
	{Slack, Refused, false, []string{"invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text",
		"invalid_arguments", "invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large", "missing_scope",
		"ekm_access_denied", "no_permission", "access_denied", "not_allowed_token_type", "method_deprecated", "message_not_found",
		"thread_not_found", "cant_update_message", "edit_window_closed", "is_inactive",
		"invalid_auth_type", "view_too_large", "hash_conflict", "not_enabled"}},
	{Slack, Perhaps, false, []string{"internal_error", "fatal_error", "service_unavailable", "request_timeout"}},
	{SlackHTTP, Limited, false, []string{"429"}},
	{SlackHTTP, Perhaps, false, []string{"3xx", "4xx", "5xx"}}, // Slack refuses in its JSON alone: whatever else answers so is a proxy
	// Mail servers, by what was said when: while connecting (greeting), to our address (sender), to theirs (recipient), to the letter.
	{SMTP, Greylisted, false, []string{"4xx"}},
	{SMTP, NoMail, false, []string{"greeting 4xx", "not reached", "hung up"}},
	{SMTP, MailRefused, false, []string{"greeting 5xx", "sender 5xx"}},
	{SMTP, WrongPassword, false, []string{"greeting 530", "greeting 534", "greeting 535", "greeting 538"}},
	{SMTP, NotEncrypted, false, []string{"not encrypted"}},
	{SMTP, Unbound, false, []string{"recipient 5xx"}},
	{SMTP, Refused, false, []string{"5xx"}},
	{SMTP, Perhaps, false, []string{"no answer: to the letter"}},
	// Temporal, by the kinds of its API.
	{Temporal, NoTemporal, false, []string{"Unavailable", "DeadlineExceeded", "ResourceExhausted", "NamespaceUnavailable", "WorkflowNotReady",
		"Aborted", "Canceled", "WorkflowTaskCompletionBufferLost", "NamespaceNotActive"}},
	{Temporal, NotThere, false, []string{"NotFound"}},
	{Temporal, NoNamespace, false, []string{"NamespaceNotFound"}},
	{Temporal, NotLetIn, false, []string{"PermissionDenied", "Unauthenticated"}},
	{Temporal, Refuses, false, []string{"InvalidArgument", "FailedPrecondition", "Unimplemented",
		"ClientVersionNotSupported", "ServerVersionNotSupported", "NamespaceInvalidState", "NewerBuildExists", "QueryFailed",
		"AlreadyExists", "NamespaceAlreadyExists", "WorkflowExecutionAlreadyStarted", "ActivityExecutionAlreadyStarted",
		"NexusOperationExecutionAlreadyStarted", "CancellationAlreadyRequested", "SystemWorkflow", "DataLoss"}},
	{Temporal, DoesNotSay, false, []string{"Internal", "MultiOperationExecution", "MultiOperationAborted"}},
}
