// Package session carries out the runner's side of PROTOCOL.md over any engine.Engine.
package session

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"wasm-matrix/host/engine"
)

const version = 1

// grace is how long a script may still take after its host is gone (`echo … | runner` is no host that is gone).
const grace = 10 * time.Second

type message struct {
	Type   string
	ID     json.RawMessage
	Script json.RawMessage
}

// Serve serves one session, and ends the process: with 0, or with 2 for what is not the protocol.
func Serve(used engine.Engine) {
	scratch, err := os.MkdirTemp("", "runner-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	end := func(code int) {
		_ = os.RemoveAll(scratch)
		os.Exit(code) // at once: threads may still be in a module
	}
	signal.Ignore(syscall.SIGPIPE) // writing tells
	terminated := make(chan os.Signal, 1)
	signal.Notify(terminated, syscall.SIGTERM)
	go func() {
		<-terminated
		end(0)
	}()
	lines := make(chan []byte)
	go receive(os.Stdin, lines, func() {
		time.Sleep(grace)
		end(0)
	})
	end(serve(newInterpreter(used, scratch), lines, os.Stdout))
}

// receive reads ahead, so that the end of the host is seen while a module runs.
func receive(stdin io.Reader, lines chan<- []byte, gone func()) {
	reader := bufio.NewReaderSize(stdin, 1<<16)
	for {
		line, err := reader.ReadBytes('\n')
		if len(line) > 0 {
			lines <- line
		}
		if err != nil {
			close(lines)
			gone()
			return
		}
	}
}

func serve(interpreter *interpreter, lines <-chan []byte, stdout io.Writer) int {
	garbage := tame()
	for line := range lines {
		var received message
		if err := json.Unmarshal(line, &received); err != nil {
			fmt.Fprintf(os.Stderr, "not the protocol: %v\n", err)
			return 2
		}
		var answer any
		switch received.Type {
		case "bye":
			return 0
		case "hello":
			name, release, facts := interpreter.engine.About()
			answer = map[string]any{
				"type": "hello", "protocol": version, "runtime": name, "version": release, "facts": facts,
			}
		case "run":
			start := time.Now()
			results := interpreter.run(received.Script)
			answer = map[string]any{
				"type": "observation", "id": received.ID, "results": results, "seconds": time.Since(start).Seconds(),
			}
		default:
			fmt.Fprintf(os.Stderr, "not a type of message: %q\n", received.Type)
			return 2
		}
		text, err := json.Marshal(answer)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		if _, err := stdout.Write(append(text, '\n')); err != nil {
			return 0 // the host is gone
		}
		garbage.tidy()
	}
	return 0
}
