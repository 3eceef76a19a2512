package main

import (
	"context"
	"encoding/json"
	"io"

	pftfbridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	pftfgen "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfgen"
	pschema "github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/cmdutil"
)

// The engine reads the plugin's port from its standard output: the generator's notes must not get there.
func silent() diag.Sink {
	return diag.DefaultSink(io.Discard, io.Discard, diag.FormatOptions{Color: colors.Never})
}

// serveSdk serves a provider written on the older plugin SDK.
func serveSdk(info tfbridge.ProviderInfo) {
	spec, err := tfgen.GenerateSchema(info, silent())
	if err != nil {
		cmdutil.ExitError(err.Error())
	}
	refuseUnknownInputs(info, spec)
	schema, err := json.Marshal(spec)
	if err != nil {
		cmdutil.ExitError(err.Error())
	}
	tfbridge.Main(info.Name, info.Version, info, schema)
}

// serveFramework serves a provider written on the plugin framework.
func serveFramework(ctx context.Context, info tfbridge.ProviderInfo) {
	generated, err := pftfgen.GenerateSchema(ctx, pftfgen.GenerateSchemaOptions{ProviderInfo: info, DiagnosticsSink: silent()})
	if err != nil {
		cmdutil.ExitError(err.Error())
	}
	var spec pschema.PackageSpec
	if err := json.Unmarshal(generated.ProviderMetadata.PackageSchema, &spec); err != nil {
		cmdutil.ExitError(err.Error())
	}
	refuseUnknownInputs(info, spec)
	pftfbridge.Main(ctx, info.Name, info, generated.ProviderMetadata)
}

// noMetadata stands for the file of renamings that a published plugin carries from release to release; the bridge insists on one.
func noMetadata() *tfbridge.MetadataInfo { return tfbridge.NewProviderMetadata([]byte("{}")) }
