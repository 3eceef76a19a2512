package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	pschema "github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// refuseUnknownInputs makes an input that the upstream provider does not have an error; the bridge would leave it out in silence,
// and the npm packages may know inputs that this upstream does not have yet.
func refuseUnknownInputs(info tfbridge.ProviderInfo, spec pschema.PackageSpec) {
	for _, res := range info.Resources {
		token := string(res.Tok)
		known := spec.Resources[token].InputProperties
		res.PreCheckCallback = func(_ context.Context, inputs, _ resource.PropertyMap) (resource.PropertyMap, error) {
			for name := range inputs {
				if _, ok := known[string(name)]; ok || strings.HasPrefix(string(name), "__") {
					continue
				}
				allowed := make([]string, 0, len(known))
				for each := range known {
					allowed = append(allowed, each)
				}
				slices.Sort(allowed)
				return nil, fmt.Errorf("%s: this build of the plugin has no input %q; allowed: %s. "+
					"Leave it out, or use the official plugin %s %s",
					token, name, strings.Join(allowed, ", "), info.Name, info.Version)
			}
			return inputs, nil
		}
	}
}
