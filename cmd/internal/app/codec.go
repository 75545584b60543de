package app

import (
	"fmt"

	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"tickmark/models/seal"
)

// A codec encrypts what goes into workflow histories, reasons and comments among it. The key's id is in the clear beside it, so
// that old histories stay readable after a rotation.
type codec struct{ keys *seal.Keys }

// Of an encrypted payload.
const (
	encoding  = "encoding"
	encrypted = "binary/encrypted"
	keyID     = "tickmark-key"
	boundTo   = "tickmark/payload/v1"
)

// Encode implements converter.PayloadCodec.
func (c *codec) Encode(in []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(in))
	for i, p := range in {
		plain, err := p.Marshal()
		if err != nil {
			return nil, err
		}
		id, sealed := c.keys.Seal(plain, boundTo)
		out[i] = &commonpb.Payload{Metadata: map[string][]byte{encoding: []byte(encrypted), keyID: []byte(id)}, Data: sealed}
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
		plain, err := c.keys.Open(string(p.GetMetadata()[keyID]), p.GetData(), boundTo)
		if err != nil {
			return nil, fmt.Errorf("an encrypted payload (TICKMARK_PAYLOAD_KEYS): %w", err)
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
	k, err := seal.Parse(keys)
	if err != nil {
		return nil, nil, fmt.Errorf("TICKMARK_PAYLOAD_KEYS %w", err)
	}
	data := converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), &codec{k})
	failures := temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{DataConverter: data, EncodeCommonAttributes: true})
	return data, failures, nil
}
