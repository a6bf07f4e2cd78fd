package session

import (
	"encoding/base64"
	"encoding/json"
	"time"
)

func (s *script) wasi(text json.RawMessage) (result, error) {
	var command struct {
		file
		grant
		Collect []string
	}
	if err := decode(text, &command); err != nil {
		return nil, err
	}
	code, err := s.session.code(command.file)
	if err != nil {
		return nil, err
	}
	granted, err := command.make(s.folder, s.session.bytes)
	if err != nil {
		return nil, err
	}
	start := time.Now()
	outcome, err := s.session.engine.RunCommand(code, granted)
	seconds := time.Since(start).Seconds()
	if err != nil {
		return nil, err
	}
	files := map[string]any{}
	for _, guest := range command.Collect {
		files[guest] = nil
		if content := collect(granted, guest); content != nil {
			files[guest] = base64.StdEncoding.EncodeToString(content)
		}
	}
	done := result{"exit": outcome.Exit}
	if outcome.Ended != nil {
		done = report(outcome.Ended)
	}
	done["stdout"] = base64.StdEncoding.EncodeToString(outcome.Stdout)
	done["stderr"] = base64.StdEncoding.EncodeToString(outcome.Stderr)
	done["files"], done["seconds"] = files, seconds
	if outcome.Threads != "" {
		done["threads"] = outcome.Threads
	}
	return done, nil
}
