package app

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
)

// A codec encrypts what goes into workflow histories, reasons and comments among it, with AES-256-GCM. The key's id is in the
// clear beside it, so that old histories stay readable after a rotation.
type codec struct {
	keys    map[string]cipher.AEAD
	current string
}

// Of an encrypted payload.
const (
	encoding    = "encoding"
	encrypted   = "binary/encrypted"
	keyID       = "tickmark-key"
	boundTo     = "tickmark/payload/v1/" // authenticated beside the payload, with the key's id
	keyBytes    = 32
	keysExample = "2026=<32 bytes in base64>"
)

// newCodec reads keys as id=base64, separated by commas; the first encrypts, all decrypt.
func newCodec(keys string) (*codec, error) {
	c := &codec{keys: map[string]cipher.AEAD{}}
	for part := range strings.SplitSeq(keys, ",") {
		id, text, ok := strings.Cut(strings.TrimSpace(part), "=")
		key, err := base64.StdEncoding.DecodeString(text)
		if !ok || id == "" || err != nil || len(key) != keyBytes || c.keys[id] != nil {
			return nil, fmt.Errorf("TICKMARK_PAYLOAD_KEYS must list keys as %s, separated by commas, each id once", keysExample)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		if c.keys[id], err = cipher.NewGCM(block); err != nil {
			return nil, err
		}
		if c.current == "" {
			c.current = id
		}
	}
	return c, nil
}

// Encode implements converter.PayloadCodec.
func (c *codec) Encode(in []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(in))
	for i, p := range in {
		plain, err := p.Marshal()
		if err != nil {
			return nil, err
		}
		aead := c.keys[c.current]
		nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
		_, _ = rand.Read(nonce) // never fails
		out[i] = &commonpb.Payload{
			Metadata: map[string][]byte{encoding: []byte(encrypted), keyID: []byte(c.current)},
			Data:     aead.Seal(nonce, nonce, plain, []byte(boundTo+c.current)),
		}
	}
	return out, nil
}

// Decode implements converter.PayloadCodec. What is not encrypted passes through: it was written before there was a key.
func (c *codec) Decode(in []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(in))
	for i, p := range in {
		if string(p.GetMetadata()[encoding]) != encrypted {
			out[i] = p
			continue
		}
		id := string(p.GetMetadata()[keyID])
		aead := c.keys[id]
		if aead == nil {
			return nil, fmt.Errorf("a history needs the payload key %q, which TICKMARK_PAYLOAD_KEYS does not have", id)
		}
		if len(p.GetData()) < aead.NonceSize() {
			return nil, fmt.Errorf("an encrypted payload is cut short")
		}
		nonce, sealed := p.GetData()[:aead.NonceSize()], p.GetData()[aead.NonceSize():]
		plain, err := aead.Open(nil, nonce, sealed, []byte(boundTo+id))
		if err != nil {
			return nil, fmt.Errorf("an encrypted payload does not open with the key %q", id)
		}
		out[i] = &commonpb.Payload{}
		if err := out[i].Unmarshal(plain); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// converters returns how payloads and failures are written: encrypted when there are keys, failures too, since a refusal may
// name people.
func converters(keys string) (converter.DataConverter, converter.FailureConverter, error) {
	if keys == "" {
		return converter.GetDefaultDataConverter(), temporal.GetDefaultFailureConverter(), nil
	}
	c, err := newCodec(keys)
	if err != nil {
		return nil, nil, err
	}
	data := converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), c)
	failures := temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{DataConverter: data, EncodeCommonAttributes: true})
	return data, failures, nil
}
