package session

import (
	"encoding/json"
	"time"

	"wasm-matrix/host/engine"
)

func (s *script) value(written value) (engine.Value, error) {
	if written.Bound == nil {
		return written.decode()
	}
	width, ok := widths[written.Type]
	if !ok {
		return engine.Value{}, malformed("not a type for a bound value: %q", written.Type)
	}
	bits, err := s.bits(written.bound)
	if err != nil {
		return engine.Value{}, err
	}
	if width == 32 {
		bits = uint64(uint32(bits))
	}
	return engine.Value{Type: written.Type, Low: bits}, nil
}

func (s *script) bits(named bound) (uint64, error) {
	found, ok := s.values[*named.Bound]
	if !ok {
		return 0, malformed("no value is bound to %q", *named.Bound)
	}
	return found.Low + uint64(named.Plus), nil
}

type actionCommand struct {
	Action *struct {
		Type, Field, Module *string
		Args                []value
	}
	Results []string
	Bind    *string
	Repeat  *int
}

func (s *script) action(text json.RawMessage) (result, error) {
	var command actionCommand
	if err := decode(text, &command); err != nil {
		return nil, err
	}
	action := command.Action
	if action == nil || action.Type == nil || action.Field == nil {
		return nil, malformed("an action has a type and a field")
	}
	times := 1
	if command.Repeat != nil {
		if times = *command.Repeat; times < 1 || times > mostRepeats {
			return nil, malformed("repeat is a number from 1 to %d: %d", mostRepeats, times)
		}
	}
	found, err := s.find(action.Module)
	if err != nil {
		return nil, err
	}
	var values []engine.Value
	var seconds []float64
	switch *action.Type {
	case "invoke":
		values, seconds, err = s.invoke(found.instance, *action.Field, action.Args, command.Results, times)
	case "get":
		values, seconds, err = get(found.instance, *action.Field, times)
	default:
		return nil, malformed("not a type of action: %q", *action.Type)
	}
	if err != nil {
		return nil, err
	}
	if command.Bind != nil {
		if len(values) == 0 {
			return nil, engine.Errorf("call", "%s has no result to bind", *action.Field)
		}
		s.values[*command.Bind] = values[0]
	}
	done := result{"values": encodeAll(values), "seconds": sum(seconds)}
	if command.Repeat != nil {
		done["times"] = seconds
	}
	return done, nil
}

func (s *script) invoke(
	on engine.Instance, field string, written []value, results []string, times int,
) ([]engine.Value, []float64, error) {
	args := make([]engine.Value, len(written))
	for index, one := range written {
		var err error
		if args[index], err = s.value(one); err != nil {
			return nil, nil, err
		}
	}
	call, err := on.Prepare(field, args, append([]string{}, results...))
	if err != nil {
		return nil, nil, err
	}
	seconds, err := timed(times, call.Run)
	if err != nil {
		return nil, nil, err
	}
	return call.Results(), seconds, nil
}

func get(from engine.Instance, field string, times int) (values []engine.Value, seconds []float64, err error) {
	seconds, err = timed(times, func() error {
		value, ok, err := from.Global(field)
		if err == nil && !ok {
			return engine.Errorf("call", "no global is exported as %q", field)
		}
		values = []engine.Value{value}
		return err
	})
	return values, seconds, err
}

func timed(times int, call func() error) ([]float64, error) {
	seconds := make([]float64, times)
	for index := range seconds {
		start := time.Now()
		if err := call(); err != nil {
			return nil, err
		}
		seconds[index] = time.Since(start).Seconds()
	}
	return seconds, nil
}

func sum(seconds []float64) (total float64) {
	for _, one := range seconds {
		total += one
	}
	return total
}
