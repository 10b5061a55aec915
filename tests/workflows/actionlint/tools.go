//go:build tools

// Package actionlint names the program that `build` builds, so that Go's tools keep what it needs.
package actionlint

import _ "github.com/rhysd/actionlint/cmd/actionlint"
