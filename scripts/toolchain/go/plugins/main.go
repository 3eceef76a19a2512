// One executable for the three bridged plugins: the file name that it is started under says which one it serves.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// Set by the linker, to the versions that the npm packages ask for.
var (
	dockerVersion string
	randomVersion string
	tlsVersion    string
)

func main() {
	ctx := context.Background()
	switch name := filepath.Base(os.Args[0]); name {
	case "pulumi-resource-docker":
		serveSdk(dockerProvider(dockerVersion))
	case "pulumi-resource-random":
		serveFramework(ctx, randomProvider(randomVersion))
	case "pulumi-resource-tls":
		serveFramework(ctx, tlsProvider(tlsVersion))
	default:
		fmt.Fprintf(os.Stderr, "%s: serves nothing under this name; allowed: pulumi-resource-docker, pulumi-resource-random, pulumi-resource-tls\n", name)
		os.Exit(2)
	}
}
