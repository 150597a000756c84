// Package driver has what the drivers of Go clients share: the command line, and the lines that they print.
package driver

import (
	"encoding/json"
	"io"
	"os"
	"sync"
)

// URL of the stream, and the token for it.
var URL, Token = os.Args[1], os.Args[2]

// IsBare says whether the client is left as it comes.
var IsBare = len(os.Args) > 3 && os.Args[3] == "bare"

var lines sync.Mutex

func print(line map[string]any) {
	lines.Lock()
	defer lines.Unlock()
	_ = json.NewEncoder(os.Stdout).Encode(line)
}

// Started says which client this is; to be called first. The program ends when its input is closed.
func Started(version any) {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	print(map[string]any{"kind": "started", "version": version})
}

// Message says that the client has dispatched a message.
func Message(event, id, data string) {
	if event == "" {
		event = "message"
	}
	print(map[string]any{"kind": "message", "event": event, "id": id, "data": data})
}

// Stopped says that the client will not come back by itself, and waits to be ended.
func Stopped(why string) {
	print(map[string]any{"kind": "stopped", "why": why})
	select {}
}
