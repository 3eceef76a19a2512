// Package shim reaches the TLS provider, which upstream keeps internal.
package shim

import (
	framework "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-provider-tls/internal/provider"
)

func NewProvider() framework.Provider { return provider.New() }
