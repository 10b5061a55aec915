#!/usr/bin/env node
// The bin of package.json: also the way in for a Node that cannot read TypeScript, which is told so.
import "./check-node.js";

await import("./mcp.ts");
