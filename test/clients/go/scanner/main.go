// A client as Go programs have it without a library: lines of a bufio.Scanner, whose buffer is 64 KiB.
package main

import (
	"bufio"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"taskwire/test/clients/driver"
)

func main() {
	driver.Started(nil)
	last, wait := "", time.Second
	for {
		request, _ := http.NewRequest(http.MethodGet, driver.URL, nil)
		request.Header.Set("Authorization", "Bearer "+driver.Token)
		if last != "" {
			request.Header.Set("Last-Event-ID", last)
		}
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			if response.StatusCode != http.StatusOK {
				driver.Stopped(fmt.Sprint(response.StatusCode))
			}
			read(bufio.NewScanner(response.Body), &last, &wait)
			response.Body.Close()
		}
		time.Sleep(wait)
	}
}

func read(lines *bufio.Scanner, last *string, wait *time.Duration) {
	var event, data string
	id := *last
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "event":
			event = value
		case "data":
			data += value + "\n"
		case "id":
			id = value
		case "retry":
			if milliseconds, err := strconv.Atoi(value); err == nil {
				*wait = time.Duration(milliseconds) * time.Millisecond
			}
		case "":
			// A comment, unless the line is empty: that is the end of a frame.
			if lines.Text() != "" {
				continue
			}
			if data != "" {
				*last = id
				driver.Message(event, id, strings.TrimSuffix(data, "\n"))
			}
			event, data = "", ""
		}
	}
}
