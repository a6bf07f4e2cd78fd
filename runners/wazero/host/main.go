// The runner of wazero: it speaks PROTOCOL.md on standard input and output.
//
//	host [-engine compiler|interpreter] [-defaults]
//	host [-engine …] -program FOLDER, as it starts itself
package main

import (
	"flag"
	"fmt"
	"os"

	"wasm-matrix/host/session"
	"wasm-matrix/host/wazero"
)

func main() {
	mode := flag.String("engine", "compiler", "compiler or interpreter")
	defaults := flag.Bool("defaults", false, "only the features that wazero has on by default")
	program := flag.String("program", "", "run the WASI program of this folder, and end")
	flag.Parse()
	engine, err := wazero.New(*mode, *defaults)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if *program != "" {
		wazero.RunProgram(engine, *program)
	}
	session.Serve(engine)
}
