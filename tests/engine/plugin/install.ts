import { StayingProcess } from "../../support/staying-process.ts";
import { writeProgram } from "../shared/install-program.ts";

/** One for all engines that the tests of this process start. */
const host = new StayingProcess<object, number>("../engine/plugin/host.ts", () => ({
  PATH: process.env.PATH,
}));

/**
 * Puts a `pulumi-resource-cloudflare` into a folder. The real one is a Go program that Pulumi's download
 * site has and no package registry.
 */
export async function installPlugin(folder: string): Promise<void> {
  await writeProgram(folder, "pulumi-resource-cloudflare", describePlugin(await host.ask({})));
}

/** The plugin as the engine starts and ends it: a process that stands for a provider in the host. */
function describePlugin(port: number): string {
  return `#!/usr/bin/env bash
exec 3<>/dev/tcp/127.0.0.1/${port} || exit 1
{ printf '%s\\0' "$PWD" "\${@: -1}" && env -0 && printf '\\0'; } >&3
# The engine reads it from the first line.
read -r port <&3 && echo "$port" || exit 1
# The engine holds the other end. One that ends in order ends its plugins itself.
while read -r _; do :; done
# After one that was killed, this process stays until the host lets it end.
echo >&3
read -r _ <&3
`;
}
