package session

import (
	"encoding/json"
	"strconv"
	"strings"

	"wasm-matrix/host/engine"
)

// widths are the bits of each type that has bits.
var widths = map[string]uint{"i32": 32, "i64": 64, "f32": 32, "f64": 64, "v128": 128}

// lanes are the bits of each lane type of a v128.
var lanes = map[string]uint{"i8": 8, "i16": 16, "i32": 32, "i64": 64, "f32": 32, "f64": 64}

// bound stands for a value that was bound before.
type bound struct {
	Bound *string
	Plus  int64
}

// value is a value as a script writes it.
type value struct {
	Type     string
	LaneType string `json:"lane_type"`
	Value    json.RawMessage
	bound
}

func malformed(format string, args ...any) *engine.Error {
	return engine.Errorf("script", format, args...)
}

// unsigned reads digits alone, as every runner does.
func unsigned(text string, width uint) (uint64, error) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, malformed("not an unsigned decimal string: %q", text)
	}
	bits, err := strconv.ParseUint(text, 10, int(width))
	if err != nil {
		return 0, malformed("%.50s does not fit %d bits", text, width)
	}
	return bits, nil
}

func (v value) decode() (engine.Value, error) {
	made := engine.Value{Type: v.Type}
	var text string
	var err error
	switch v.Type {
	case "v128":
		made.Low, made.High, err = v.vector()
	case "i32", "i64", "f32", "f64":
		if json.Unmarshal(v.Value, &text) != nil {
			return made, malformed("not an unsigned decimal string: %s", v.Value)
		}
		made.Low, err = unsigned(text, widths[v.Type])
	case "funcref", "externref":
		text = strings.Trim(string(v.Value), `"`) // a string or a number
		if made.Null = text == "null"; !made.Null {
			made.Low, err = unsigned(text, 32)
		}
	default:
		err = malformed("not a type of value: %q", v.Type)
	}
	return made, err
}

func (v value) vector() (low, high uint64, err error) {
	var texts []string
	width := lanes[v.LaneType]
	if json.Unmarshal(v.Value, &texts) != nil || width == 0 || uint(len(texts))*width != 128 {
		return 0, 0, malformed("not a v128: %s lanes %s", v.LaneType, v.Value)
	}
	words := [2]uint64{}
	for index, text := range texts {
		lane, err := unsigned(text, width)
		if err != nil {
			return 0, 0, err
		}
		at := uint(index) * width
		words[at/64] |= lane << (at % 64)
	}
	return words[0], words[1], nil
}

// encode writes a value as PROTOCOL.md does.
func encode(v engine.Value) map[string]any {
	low := strconv.FormatUint(v.Low, 10)
	switch {
	case v.Type == "v128":
		return map[string]any{"type": v.Type, "lane_type": "i64", "value": []string{low, strconv.FormatUint(v.High, 10)}}
	case v.Null:
		return map[string]any{"type": v.Type, "value": "null"}
	}
	return map[string]any{"type": v.Type, "value": low}
}

func encodeAll(values []engine.Value) []any {
	encoded := []any{}
	for _, one := range values {
		encoded = append(encoded, encode(one))
	}
	return encoded
}
