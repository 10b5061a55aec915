//go:build tools

// Package engine names the program that `build` builds, so that Go's tools keep what it needs.
package engine

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
