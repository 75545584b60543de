// Package storage stands where the Temporal server reaches for Google's object storage, in which solo archives nothing. It has what the
// server names, and NewClient says that there is none.
package storage

import (
	"context"
	"errors"

	"google.golang.org/api/option"
)

// ScopeFullControl is the scope of an account that may do everything.
const ScopeFullControl = "https://www.googleapis.com/auth/devstorage.full_control"

// ErrLeftOut is what everything here fails with.
var ErrLeftOut = errors.New("the Temporal server inside tickmark-solo cannot archive to Google Cloud Storage")

// A Client cannot be had: all that follows from one fails with ErrLeftOut.
type Client struct{}

// NewClient returns ErrLeftOut.
func NewClient(context.Context, ...option.ClientOption) (*Client, error) { return nil, ErrLeftOut }

// Bucket returns the bucket of a name.
func (c *Client) Bucket(string) *BucketHandle { return &BucketHandle{} }

// A BucketHandle is a bucket.
type BucketHandle struct{}

// BucketAttrs are what is known of a bucket.
type BucketAttrs struct{}

// A Query says which objects are looked for.
type Query struct{ Prefix string }

// Object returns the object of a name.
func (b *BucketHandle) Object(string) *ObjectHandle { return &ObjectHandle{} }

// Objects returns the objects that a query finds.
func (b *BucketHandle) Objects(context.Context, *Query) *ObjectIterator { return &ObjectIterator{} }

// Attrs returns ErrLeftOut.
func (b *BucketHandle) Attrs(context.Context) (*BucketAttrs, error) { return nil, ErrLeftOut }

// An ObjectIterator goes through objects.
type ObjectIterator struct{}

// Next returns ErrLeftOut.
func (*ObjectIterator) Next() (*ObjectAttrs, error) { return nil, ErrLeftOut }

// An ObjectHandle is an object.
type ObjectHandle struct{}

// ObjectAttrs are what is known of an object.
type ObjectAttrs struct{ Name string }

// Attrs returns ErrLeftOut.
func (o *ObjectHandle) Attrs(context.Context) (*ObjectAttrs, error) { return nil, ErrLeftOut }

// NewReader returns ErrLeftOut.
func (o *ObjectHandle) NewReader(context.Context) (*Reader, error) { return nil, ErrLeftOut }

// NewWriter returns a writer that fails.
func (o *ObjectHandle) NewWriter(context.Context) *Writer { return &Writer{} }

// A Reader reads an object.
type Reader struct{}

// Read returns ErrLeftOut.
func (*Reader) Read([]byte) (int, error) { return 0, ErrLeftOut }

// Close returns nil.
func (*Reader) Close() error { return nil }

// A Writer writes an object.
type Writer struct{}

// Write returns ErrLeftOut.
func (*Writer) Write([]byte) (int, error) { return 0, ErrLeftOut }

// Close returns ErrLeftOut: nothing was written.
func (*Writer) Close() error { return ErrLeftOut }

// CloseWithError returns nil.
func (*Writer) CloseWithError(error) error { return nil }
