"""The runner of wazero: a Go program of ours (`host/`)."""
