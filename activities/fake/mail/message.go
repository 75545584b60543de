package mailfake

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
	"unicode/utf8"
)

// An envelope is a letter as it came: what is journaled.
type envelope struct {
	From     string    `json:"from"`
	To       []string  `json:"to"`
	Raw      []byte    `json:"raw"`
	Received time.Time `json:"received"`
}

// A Message is a letter that was taken.
type Message struct {
	From     string   // of the envelope
	To       []string // of the envelope
	Raw      []byte   // as it came, with CRLF and without the dots of SMTP
	Received time.Time

	MessageID string // without the angle brackets
	Subject   string // decoded
	Headers   mail.Header
	Text      string // of the first part that is plain text, decoded, with \n
	HTML      string // of the first part that is HTML, decoded, with \n

	// Problem is why the letter cannot be read, or not whole. Empty when it can. A mail server takes such letters all the same.
	Problem string
}

// newMessage reads a letter.
func newMessage(e envelope) Message {
	m := Message{From: e.From, To: e.To, Raw: e.Raw, Received: e.Received}
	if err := m.read(); err != nil {
		m.Problem = err.Error()
	}
	return m
}

func (m *Message) read() error {
	letter, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		return fmt.Errorf("read the header: %w", err)
	}
	m.Headers = letter.Header
	m.MessageID = strings.Trim(strings.TrimSpace(letter.Header.Get("Message-ID")), "<>")
	if m.Subject, err = new(mime.WordDecoder).DecodeHeader(letter.Header.Get("Subject")); err != nil {
		return fmt.Errorf("decode the subject: %w", err)
	}
	return m.readPart(textproto.MIMEHeader(letter.Header), letter.Body, 0)
}

// maxDepth is how deep parts may lie in parts.
const maxDepth = 10

// readPart reads a part of the letter, and all that are in it. Attachments are passed over.
func (m *Message) readPart(header textproto.MIMEHeader, body io.Reader, depth int) error {
	kind, params, err := typeOf(header)
	switch {
	case err != nil:
		return err
	case depth > maxDepth:
		return errors.New("parts in parts without end")
	case strings.HasPrefix(kind, "multipart/"):
		return m.readParts(multipart.NewReader(body, params["boundary"]), depth)
	case strings.HasPrefix(strings.ToLower(header.Get("Content-Disposition")), "attachment"):
		return nil
	case kind == "text/plain" && m.Text == "":
		m.Text, err = textOf(header, params["charset"], body)
	case kind == "text/html" && m.HTML == "":
		m.HTML, err = textOf(header, params["charset"], body)
	}
	return err
}

func (m *Message) readParts(parts *multipart.Reader, depth int) error {
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return fmt.Errorf("read the parts: %w", err)
		}
		if err := m.readPart(part.Header, part, depth+1); err != nil {
			return err
		}
	}
}

func typeOf(header textproto.MIMEHeader) (kind string, params map[string]string, err error) {
	said := header.Get("Content-Type")
	if said == "" {
		return "text/plain", nil, nil
	}
	if kind, params, err = mime.ParseMediaType(said); err != nil {
		return "", nil, fmt.Errorf("read the type of a part: %w", err)
	}
	return kind, params, nil
}

// textOf decodes a text. It must be in UTF-8, of which ASCII is a part.
func textOf(header textproto.MIMEHeader, charset string, body io.Reader) (string, error) {
	switch charset = strings.ToLower(charset); charset {
	case "", "utf-8", "us-ascii":
	default:
		return "", fmt.Errorf("a text in %q", charset)
	}
	switch way := strings.ToLower(header.Get("Content-Transfer-Encoding")); way {
	case "", "7bit", "8bit", "binary":
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	default:
		return "", fmt.Errorf("a part encoded as %q", way)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return "", fmt.Errorf("decode a part: %w", err)
	}
	if !utf8.Valid(text) {
		return "", errors.New("a text that is not UTF-8")
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n"), nil
}
