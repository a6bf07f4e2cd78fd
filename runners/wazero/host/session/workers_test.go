package session

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"wasm-matrix/host/wazero"
)

// spin: "meet" counts itself at address 0 and returns when as many are there as its second argument says. It never waits.
const spin = "0061736d010000000107016002" + "7f7f017f" + // (i32, i32) -> i32
	"02120103656e76066d656d6f7279" + "020301" + "808004" + // env.memory, 1 65536 shared
	"03020100" + "070801046d6565740000" +
	"0a1d011b00" + "410041" + "01fe1e02001a" + // i32.atomic.rmw.add 0 1, drop
	"0340" + "4100fe100200" + "2001" + "480d00" + "0b" + // loop: i32.atomic.load 0 < arg: br 0
	"2000" + "0b"

func TestMoreThreadsThanProcessorsMaySpin(t *testing.T) {
	wasm, err := hex.DecodeString(spin)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "spin.wasm")
	if err := os.WriteFile(path, wasm, 0o600); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(wasm)
	for _, mode := range []string{"compiler", "interpreter"} {
		t.Run(mode, func(t *testing.T) {
			made, err := wazero.New(mode, false)
			if err != nil {
				t.Fatal(err)
			}
			script := fmt.Sprintf(`[
				{"type": "memory", "as": ["env", "memory"], "minimum": 1, "maximum": 65536, "shared": true},
				{"type": "module", "sha256": %q, "path": %q},
				{"type": "spawn", "workers": 40, "field": "meet", "arg": {"type": "i32", "value": "40"}},
				{"type": "join"}
			]`, hex.EncodeToString(sum[:]), path)
			tame()
			results := newInterpreter(made, t.TempDir()).run(json.RawMessage(script))
			last := results[len(results)-1]
			entries, ok := last["workers"].([]result)
			if !ok || len(entries) != 40 {
				t.Fatalf("not 40 workers: %v", last)
			}
			for index, entry := range entries {
				if text, _ := json.Marshal(entry["values"]); string(text) != fmt.Sprintf(`[{"type":"i32","value":"%d"}]`, index) {
					t.Errorf("worker %d gave %v", index, entry)
				}
			}
		})
	}
}
