// Package seal encrypts what must not be read where it is kept: the tokens and secrets of Slack apps, and what workflow histories
// hold. It is AES-256-GCM with keys that have names, so that what was sealed with an old key stays readable after a new one.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Keys are named keys. The first of them seals and signs, all of them open. What seals and what signs are keys of their own, derived of
// each named key: who learns one of them can do nothing with it that the other is for.
type Keys struct {
	by      map[string]purposes
	current string
}

// purposes are what a named key is used for. Releases before 2026-11-30 sealed and signed with the named key itself: what they made is
// read, and nothing is made like that any more.
type purposes struct {
	seal, sealedBefore cipher.AEAD
	sign, signedBefore []byte
}

const keyBytes = 32

// Labels of the keys that are derived. A changed label is another key.
const (
	labelSeal = "tickmark/key/seal/v1"
	labelSign = "tickmark/key/sign/v1"
)

// purposesOf derives the keys of each purpose of a named key.
func purposesOf(key []byte) (p purposes, err error) {
	sealing, err := hkdf.Key(sha256.New, key, nil, labelSeal, keyBytes)
	if err != nil {
		return p, err
	}
	if p.sign, err = hkdf.Key(sha256.New, key, nil, labelSign, keyBytes); err != nil {
		return p, err
	}
	if p.seal, err = gcm(sealing); err != nil {
		return p, err
	}
	p.signedBefore = key
	p.sealedBefore, err = gcm(key)
	return p, err
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Parse reads keys as id=base64 of 32 bytes, separated by commas, each id once. The error says so, without repeating any of it.
func Parse(text string) (*Keys, error) {
	k := &Keys{by: map[string]purposes{}}
	for part := range strings.SplitSeq(text, ",") {
		id, encoded, ok := strings.Cut(strings.TrimSpace(part), "=")
		key, err := base64.StdEncoding.DecodeString(encoded)
		if !ok || id == "" || strings.Contains(id, ".") || err != nil || len(key) != keyBytes || k.by[id].seal != nil {
			return nil, errors.New("must list keys as 2026=<32 bytes in base64>, separated by commas, each id once")
		}
		if k.by[id], err = purposesOf(key); err != nil {
			return nil, err
		}
		if k.current == "" {
			k.current = id
		}
	}
	return k, nil
}

// NewKey returns a key that nobody has, as Parse reads it.
func NewKey(id string) string {
	key := make([]byte, keyBytes)
	_, _ = rand.Read(key) // never fails
	return id + "=" + base64.StdEncoding.EncodeToString(key)
}

// Seal encrypts plain with the first key and returns the key's id beside it. What it is bound to is authenticated and has to be
// said again to open it: a secret moved to another row does not open there.
func (k *Keys) Seal(plain []byte, boundTo string) (id string, sealed []byte) {
	aead := k.by[k.current].seal
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	_, _ = rand.Read(nonce) // never fails
	return k.current, aead.Seal(nonce, nonce, plain, []byte(boundTo+"/"+k.current))
}

// Open decrypts what Seal made. The error names the key, never what is sealed.
func (k *Keys) Open(id string, sealed []byte, boundTo string) ([]byte, error) {
	key, known := k.by[id]
	if !known {
		return nil, fmt.Errorf("the key %q is needed and not there", id)
	}
	for _, aead := range []cipher.AEAD{key.seal, key.sealedBefore} {
		if len(sealed) < aead.NonceSize() {
			return nil, errors.New("what was sealed is cut short")
		}
		plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(boundTo+"/"+id))
		if err == nil {
			return plain, nil
		}
	}
	return nil, fmt.Errorf("what was sealed does not open with the key %q", id)
}

// SealText is Seal for a text column: "id.base64".
func (k *Keys) SealText(plain, boundTo string) string {
	id, sealed := k.Seal([]byte(plain), boundTo)
	return id + "." + base64.RawStdEncoding.EncodeToString(sealed)
}

// OpenText opens what SealText made.
func (k *Keys) OpenText(text, boundTo string) (string, error) {
	id, encoded, _ := strings.Cut(text, ".")
	sealed, err := base64.RawStdEncoding.DecodeString(encoded)
	if err != nil {
		return "", errors.New("what was sealed is damaged")
	}
	plain, err := k.Open(id, sealed, boundTo)
	return string(plain), err
}

// Sign returns a signature of a text that only who has the keys can make, bound to what it is for.
func (k *Keys) Sign(text, use string) string {
	return k.current + "." + base64.RawURLEncoding.EncodeToString(mac(k.by[k.current].sign, text, use))
}

// Signed reports whether a signature is one that Sign made of the text, with any of the keys.
func (k *Keys) Signed(text, use, signature string) bool {
	id, encoded, _ := strings.Cut(signature, ".")
	sum, ok := decoded(encoded)
	key, known := k.by[id]
	return ok && known && (hmac.Equal(sum, mac(key.sign, text, use)) || hmac.Equal(sum, mac(key.signedBefore, text, use)))
}

// decoded returns the bytes that a text of a link stands for. It returns false when the text is not the one in which they are written:
// base64 leaves line ends and the last bits to whoever writes it, and one link is one text.
func decoded(text string) ([]byte, bool) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	return b, err == nil && base64.RawURLEncoding.EncodeToString(b) == text
}

func mac(key []byte, text, use string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("tickmark/sign/" + use + "\x00" + text))
	return h.Sum(nil)[:20]
}
