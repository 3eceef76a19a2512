// Plays an application in a pod: it answers with its own name, and asks others when it is told to.
//
//	sample serve <port>
//	sample get <url>          prints the answer; fails after two seconds without one
//	sample resolve <name>     prints the addresses
//	sample append <file>      adds a line with its own name, on disk when it ends
//	sample read <file>        prints what is in it
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"time"
)

const patience = 2 * time.Second

func main() {
	if len(os.Args) != 3 {
		fail(fmt.Errorf("usage: sample serve <port> | get <url> | resolve <name> | append <file> | read <file>"))
	}
	acts := map[string]func(string) error{"serve": serve, "get": get, "resolve": resolve, "append": add, "read": read}
	act, ok := acts[os.Args[1]]
	if !ok {
		fail(fmt.Errorf("%s: allowed are serve, get, resolve, append, read", os.Args[1]))
	}
	if err := act(os.Args[2]); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func serve(port string) error {
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	started := time.Now().UTC().Format(time.RFC3339Nano)
	answer := func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintf(w, "%s since %s\n", name, started) }
	server := &http.Server{Addr: ":" + port, Handler: http.HandlerFunc(answer), ReadHeaderTimeout: patience}
	return server.ListenAndServe()
}

func get(url string) error {
	client := http.Client{Timeout: patience}
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	_, err = io.Copy(os.Stdout, response.Body)
	return err
}

func resolve(name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	addresses, err := (&net.Resolver{PreferGo: true}).LookupHost(ctx, name)
	for _, address := range addresses {
		fmt.Println(address)
	}
	return err
}

func add(path string) error {
	name, err := os.Hostname()
	if err != nil {
		return err
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o660)
	if err != nil {
		return err
	}
	defer file.Close()
	if _, err := fmt.Fprintln(file, name); err != nil {
		return err
	}
	return file.Sync()
}

func read(path string) error {
	text, err := os.ReadFile(path)
	os.Stdout.Write(text)
	return err
}
