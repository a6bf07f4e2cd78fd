// Command wasi is the Go command of the compiled set: argv[1] is what to do; modules/README.md has the list.
//
// Paths go to package os as they are given.
package main

import (
	"io"
	"os"
	"strconv"
)

// Exit codes.
const (
	refused = 2  // The operating system said no; stderr has its reason.
	usage   = 64 // EX_USAGE of sysexits.h.
)

// verb is one thing that the command does: with how many arguments, and how.
//
// run writes to stdout only once nothing but that can fail.
type verb struct {
	arguments int
	run       func(arguments []string) error
}

const anyNumber = -1

var verbs = map[string]verb{
	"args":   {anyNumber, args},
	"env":    {0, env},
	"cat":    {0, cat},
	"stderr": {1, stderr},
	"exit":   {1, exit},
	"read":   {1, read},
	"write":  {2, write},
	"append": {2, appendTo},
	"list":   {1, list},
	"size":   {1, size},
	"remove": {1, remove},
	"clock":  {0, clock},
	"random": {0, random},
}

func main() {
	if len(os.Args) < 2 {
		wrongUsage()
	}
	chosen, known := verbs[os.Args[1]]
	arguments := os.Args[2:]
	if !known || chosen.arguments != anyNumber && chosen.arguments != len(arguments) {
		wrongUsage()
	}
	if err := chosen.run(arguments); err != nil {
		io.WriteString(os.Stderr, err.Error()+"\n")
		os.Exit(refused)
	}
}

func wrongUsage() {
	io.WriteString(os.Stderr, "usage: wasi args|env|cat|stderr|exit|read|write|append|list|size|remove|clock|random …\n")
	os.Exit(usage)
}

func exit(arguments []string) error {
	code, err := strconv.ParseUint(arguments[0], 10, 32)
	if err != nil {
		wrongUsage()
	}
	os.Exit(int(code))
	return nil
}
