// The Pulumi CLI, built from source. Its version is that of npm's package `pulumi` in package.json.
module engine

go 1.25.11

require (
	github.com/pulumi/pulumi/pkg/v3 v3.259.0
	github.com/pulumi/pulumi/sdk/v3 v3.259.0
)

// A replacement in Pulumi's own go.mod, which holds only there.
replace github.com/atotto/clipboard => github.com/tgummerer/clipboard v0.0.0-20241001131231-d02d263e614e
