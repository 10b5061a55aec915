/** Variables in which a secret or a setting of a repository arrives. */
const given = /^(?:AWS|CLOUDFLARE|PULUMI)_/;

/**
 * Takes away variables that are empty: in a GitHub workflow that is a secret which nobody has set, and
 * Pulumi would take an empty PULUMI_CONFIG_PASSPHRASE for one, with which everybody can decrypt.
 */
export function dropUnsetVariables(environment: NodeJS.ProcessEnv): void {
  if (environment.GITHUB_ACTIONS !== "true") return;
  for (const [name, value] of Object.entries(environment)) {
    if (value === "" && given.test(name)) delete environment[name];
  }
}
