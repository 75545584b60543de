package mailfake

// LoseJournal closes the journal's file, so that nothing more can be written.
func (s *Server) LoseJournal() error { return s.journal.file.Close() }
