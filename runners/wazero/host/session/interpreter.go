package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"wasm-matrix/host/engine"
)

const (
	// keptModules is the bytes of wasm whose compiled code a session keeps (compiled code is a few times larger).
	keptModules = 64 << 20
	// keptData is the bytes of data files that a session keeps.
	keptData = 64 << 20
	// longestMessage is the bytes of an engine's message that are reported.
	longestMessage = 4000
	// More than these is a mistake of the script's, and would cost the machine its memory.
	mostRepeats = 1_000_000
	mostWorkers = 1024
)

type result = map[string]any

// interpreter is a session: it keeps compiled modules and data between scripts, and nothing else.
type interpreter struct {
	engine  engine.Engine
	scratch string // an existing folder, which each script leaves as it was
	modules *kept[engine.Code]
	data    *kept[[]byte]
	dropped []engine.Code // closed after the script, which may still instantiate them
}

func newInterpreter(used engine.Engine, scratch string) *interpreter {
	made := &interpreter{engine: used, scratch: scratch}
	made.modules = keep(keptModules, func(code engine.Code) { made.dropped = append(made.dropped, code) })
	made.data = keep(keptData, func([]byte) {})
	return made
}

// run gives the results of a script, in order. Any script gives a list: what is wrong with it is its last entry.
func (i *interpreter) run(text json.RawMessage) []result {
	var commands []json.RawMessage
	if err := json.Unmarshal(text, &commands); err != nil || !bytes.HasPrefix(text, []byte("[")) {
		return []result{report(malformed("a script is a list of commands"))}
	}
	script := &script{session: i, store: i.engine.NewStore(), imports: map[engine.Name]engine.Extern{},
		shared: map[engine.Name]engine.Extern{}, named: map[string]*module{}, values: map[string]engine.Value{}}
	defer i.close(script)
	results := []result{}
	for _, command := range commands {
		done, err := script.perform(command)
		var failed *engine.Error
		if err == nil {
			results = append(results, done)
			continue
		}
		results = append(results, report(err))
		if errors.As(err, &failed) {
			break
		}
	}
	return results
}

func (i *interpreter) close(finished *script) {
	finished.close()
	for _, code := range i.dropped {
		code.Close()
	}
	i.dropped = nil
}

// code is the compiled module that the script names by content.
func (i *interpreter) code(named file) (engine.Code, error) {
	if err := named.check(); err != nil {
		return nil, err
	}
	return i.modules.get(*named.SHA256, func() (engine.Code, int, error) {
		wasm, err := named.read()
		if err != nil {
			return nil, 0, err
		}
		code, err := i.engine.Compile(wasm)
		return code, len(wasm), err
	})
}

// bytes are data as a script writes it: inline, or by content.
func (i *interpreter) bytes(written *data) ([]byte, error) {
	switch {
	case written == nil:
		return nil, malformed("data is wanted")
	case written.Base64 != nil:
		return inline(*written.Base64)
	}
	if err := written.check(); err != nil {
		return nil, err
	}
	return i.data.get(*written.SHA256, func() ([]byte, int, error) {
		content, err := written.read()
		return content, len(content), err
	})
}

// report is the entry for a way to end that is not values.
func report(err error) result {
	var trap *engine.Trap
	var exception *engine.Exception
	var exit *engine.Exit
	var failed *engine.Error
	message := shortened(err.Error())
	switch {
	case errors.As(err, &trap):
		return result{"trap": result{"kinds": trap.Kinds, "message": message}}
	case errors.As(err, &exception):
		return result{"exception": result{"message": message}}
	case errors.As(err, &exit):
		return result{"exit": exit.Code}
	case errors.As(err, &failed):
		return result{"error": result{"phase": failed.Phase, "name": failed.Name, "message": message}}
	}
	panic(fmt.Sprintf("not a way to end: %v", err))
}

func shortened(text string) string {
	if len(text) <= longestMessage {
		return text
	}
	end := longestMessage
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + " …"
}
