// A client of github.com/r3labs/sse/v2, with what it lacks.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/r3labs/sse/v2"
	"gopkg.in/cenkalti/backoff.v1"

	"taskwire/test/clients/driver"
)

// wholeFrames hands on nothing behind the last blank line: half a frame at the end of an answer is a message to r3labs.
type wholeFrames struct {
	io.ReadCloser
	ready, kept []byte
	err         error
}

func (w *wholeFrames) Read(to []byte) (int, error) {
	for len(w.ready) == 0 {
		if w.err != nil {
			return 0, w.err
		}
		chunk := make([]byte, 4096)
		n, err := w.ReadCloser.Read(chunk)
		w.err = err
		w.kept = append(w.kept, chunk[:n]...)
		if end := bytes.LastIndex(w.kept, []byte("\n\n")); end >= 0 {
			w.ready, w.kept = w.kept[:end+2], append([]byte(nil), w.kept[end+2:]...)
		}
	}
	n := copy(to, w.ready)
	w.ready = w.ready[n:]
	return n, nil
}

type transport struct{}

func (transport) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := http.DefaultTransport.RoundTrip(request)
	if err == nil {
		response.Body = &wholeFrames{ReadCloser: response.Body}
	}
	return response, err
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		if module.Path == "github.com/r3labs/sse/v2" {
			return module.Version[1:]
		}
	}
	return "unknown"
}

func main() {
	driver.Started(version())
	client := sse.NewClient(driver.URL)
	client.Headers["Authorization"] = "Bearer " + driver.Token
	if !driver.IsBare {
		client.Connection.Transport = transport{}
	}
	wait := time.Second
	// It does not obey retry, and repeats what was refused for a quarter of an hour.
	client.ReconnectStrategy = &backoff.StopBackOff{}
	client.ResponseValidator = func(_ *sse.Client, response *http.Response) error {
		if response.StatusCode != http.StatusOK {
			driver.Stopped(fmt.Sprint(response.StatusCode))
		}
		return nil
	}
	for {
		// An answer that ends is an end to it.
		_ = client.SubscribeRaw(func(event *sse.Event) {
			if milliseconds, err := strconv.Atoi(string(event.Retry)); err == nil {
				wait = time.Duration(milliseconds) * time.Millisecond
			}
			driver.Message(string(event.Event), string(event.ID), string(event.Data))
		})
		time.Sleep(wait)
	}
}
