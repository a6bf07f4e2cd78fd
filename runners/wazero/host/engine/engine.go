// Package engine is the seam between the scripts of PROTOCOL.md and a WebAssembly engine: package session carries out
// scripts over it, and one package for each engine implements it.
package engine

// PageSize is the bytes of a page of linear memory.
const PageSize = 65536

// Value is a WebAssembly value: its type's name and its bits, High those of a v128 from 64 on.
//
// Of a reference, Low is an index that the host gave out, unless it is Null.
type Value struct {
	Type      string
	Low, High uint64
	Null      bool
}

// Preopen is a folder of the host (Path, absolute) that the guest sees as Guest, readable and writable.
type Preopen struct{ Guest, Path string }

// Grant is what a module may have of the outside, and no more.
type Grant struct {
	Args     []string
	Env      map[string]string
	Stdin    []byte
	Preopens []Preopen
}

// Outcome is how a WASI command ended: Ended is a *Trap, *Exception or *Error, or nil where it left with Exit.
type Outcome struct {
	Exit           uint32
	Stdout, Stderr []byte
	Ended          error
	// Threads is host where a function of the runner's started the program's threads.
	Threads string
}

// Engine compiles modules and makes the stores they live in. It may be used by several threads at once.
type Engine interface {
	// About gives the runtime's name, its version, and what else the hello should say.
	About() (name, version string, facts map[string]string)
	// Compile makes code of a module. Errors: *Error of phase compile.
	Compile(wasm []byte) (Code, error)
	NewStore() Store
	// RunCommand runs a WASI preview 1 command (_start). Errors: *Error where it could not be run at all.
	RunCommand(code Code, grant Grant) (Outcome, error)
}

// Code is a compiled module: it may be instantiated many times, by several threads at once.
type Code interface {
	// NeedsWASI tells whether the module imports any of WASI preview 1.
	NeedsWASI() bool
	// Close lets go of what it holds. Instances that there are keep what they need.
	Close()
}

// Name says what an import asks for.
type Name struct{ Module, Field string }

// Extern is something to import: a Memory, or one of an instance's exports.
type Extern any

// Store is where the instances of one script, or of one of its threads, live.
type Store interface {
	// Memory makes a memory, in pages; a shared one may be imported in other stores, too.
	// Errors: *Error of phase memory, with the name unsupported where there are no shared memories.
	Memory(minimum uint64, maximum *uint64, shared bool) (Memory, error)
	// Instantiate makes an instance; wasi is nil where the code needs none.
	// Errors: *Error of phase link or instantiate, *Trap, *Exception, *Exit.
	Instantiate(code Code, imports map[Name]Extern, wasi *Grant) (Instance, error)
	// Close ends its instances.
	Close()
}

// Instance is an instance of a module. It belongs to the thread that made it.
type Instance interface {
	// Prepare readies a call, whose results must be of these types. Errors: *Error of phase call.
	Prepare(function string, args []Value, results []string) (Call, error)
	// Global gives the value of an exported global, and whether there is one.
	Global(name string) (Value, bool, error)
	// SetGlobal changes an exported global. Errors: *Error of phase call.
	SetGlobal(name string, value Value) error
	// Memory gives the memory exported as "memory", or the only one exported; nil without.
	Memory() Memory
	Exports() map[string]Extern
}

// Call is a call that may be made many times.
type Call interface {
	// Run makes the call: it is what is timed. Errors: *Trap, *Exception, *Exit, *Error.
	Run() error
	// Results are those of the last Run that succeeded.
	Results() []Value
}

// Memory is a linear memory. Outside of it: *Error of phase memory.
type Memory interface {
	Pages() uint64
	Read(address, length uint64) ([]byte, error)
	Write(address uint64, data []byte) error
}
