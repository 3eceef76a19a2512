// Package shim reaches the random provider, which upstream keeps internal.
package shim

import (
	framework "github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/terraform-providers/terraform-provider-random/internal/provider"
)

func NewProvider() framework.Provider { return provider.New() }
