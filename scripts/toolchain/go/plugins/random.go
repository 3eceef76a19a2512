package main

import (
	"context"
	"errors"

	pftfbridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/terraform-providers/terraform-provider-random/shim"
)

// randomProvider gives the names that @pulumi/random uses: each has its package's name in front.
func randomProvider(version string) tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:            pftfbridge.ShimProvider(shim.NewProvider()),
		MetadataInfo: noMetadata(),
		Name:         "random",
		Version:      version,
		Resources:    map[string]*tfbridge.ResourceInfo{"random_bytes": {ComputeID: idOfBytes}},
	}
	prefixed := func(module, name string) (string, error) {
		return tokens.MakeStandard("random")(module, "Random"+name)
	}
	info.MustComputeTokens(tokens.SingleModule("random_", "index", prefixed))
	return info
}

// RandomBytes has no id of its own upstream; an id cannot be secret, so it is what the official plugin takes.
func idOfBytes(_ context.Context, state resource.PropertyMap) (resource.ID, error) {
	value := state["base64"]
	for value.IsSecret() {
		value = value.SecretValue().Element
	}
	if !value.IsString() {
		return "", errors.New("RandomBytes: its state has no base64 text to take as its id")
	}
	return resource.ID(value.StringValue()), nil
}
