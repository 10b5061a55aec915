// `pulumi preview --policy-pack infra/policy`. JavaScript, because Pulumi compiles a pack's own
// TypeScript with a tool that does not know this project's; Node strips the types of what it imports.
// What the SDK has for functions in a cloud is left out, as in the program.
import "../quick-start.ts";
import { PolicyPack } from "@pulumi/policy";
import { policies } from "./policies.ts";

new PolicyPack("remote-mcp-server", { policies: [...policies] });
