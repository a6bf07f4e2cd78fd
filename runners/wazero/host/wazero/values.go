package wazero

import (
	"fmt"

	"github.com/tetratelabs/wazero/api"

	"wasm-matrix/host/engine"
)

// names of the types that travel through wazero's API, by their byte in a module.
var names = map[api.ValueType]string{
	0x7f: "i32", 0x7e: "i64", 0x7d: "f32", 0x7c: "f64", 0x7b: "v128", 0x70: "funcref", 0x6f: "externref",
}

func typeName(kind api.ValueType) string {
	if name, ok := names[kind]; ok {
		return name
	}
	return fmt.Sprintf("type 0x%x", kind)
}

func typeNames(kinds []api.ValueType) []string {
	found := []string{}
	for _, kind := range kinds {
		found = append(found, typeName(kind))
	}
	return found
}

func valueTypes(values []engine.Value) []string {
	found := []string{}
	for _, value := range values {
		found = append(found, value.Type)
	}
	return found
}

// slots is how many words values of these types take.
func slots(kinds []string) int {
	count := len(kinds)
	for _, kind := range kinds {
		if kind == "v128" {
			count++
		}
	}
	return count
}

// references are the functions that a script has seen: wazero's are addresses, of which a script gets the index alone.
//
// An externref is a number of the script's; wazero takes any word but 0, which is null.
type references []uint64

func (r *references) words(values []engine.Value) ([]uint64, error) {
	words := []uint64{}
	for _, value := range values {
		switch value.Type {
		case "v128":
			words = append(words, value.Low, value.High)
		case "externref":
			if value.Null {
				words = append(words, 0)
			} else {
				words = append(words, value.Low+1)
			}
		case "funcref":
			switch {
			case value.Null:
				words = append(words, 0)
			case value.Low < uint64(len(*r)):
				words = append(words, (*r)[value.Low])
			default:
				return nil, engine.Errorf("call", "no function has been given out as %d", value.Low)
			}
		default:
			words = append(words, value.Low)
		}
	}
	return words, nil
}

func (r *references) values(kinds []string, words []uint64) []engine.Value {
	values := make([]engine.Value, len(kinds))
	for index, kind := range kinds {
		value := engine.Value{Type: kind, Low: words[0]}
		switch kind {
		case "v128":
			value.High = words[1]
			words = words[1:]
		case "i32", "f32":
			value.Low = uint64(uint32(value.Low))
		case "externref":
			value.Null = value.Low == 0
			value.Low--
		case "funcref":
			value.Null = value.Low == 0
			value.Low = r.index(value.Low)
		}
		values[index] = value
		words = words[1:]
	}
	return values
}

func (r *references) index(address uint64) uint64 {
	for index, known := range *r {
		if known == address {
			return uint64(index)
		}
	}
	*r = append(*r, address)
	return uint64(len(*r) - 1)
}
