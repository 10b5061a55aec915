/** What npm's wrapper says where it cannot fetch the CLI, and the system where there is no wrapper. */
const noCli = /^pulumi: |\bspawn pulumi ENOENT|\bspawn .*pulumi(\.exe)? (ENOENT|EACCES)/m;

/** What the CLI says where a stack's secrets cannot be decrypted with the passphrase it has. */
const noPassphrase = /passphrase must be set/;
const wrongPassphrase = /incorrect passphrase/;

/**
 * What a person is told where the CLI refuses: the complaint, and in words of this project what to do
 * about the refusals that come from this machine and not from the stack.
 * @param said what the CLI, or whoever was to start it, wrote on its standard error.
 */
export function explainCli(complaint: string, said: string): string {
  const reason = findReason(said);
  return reason === undefined ? `${complaint}:\n${said}` : `${complaint}: ${reason}`;
}

function findReason(said: string): string | undefined {
  if (noCli.test(said)) {
    const [why = ""] = said.split("\n").filter((line) => noCli.test(line));
    return `there is no Pulumi CLI on this machine, and npm's package \`pulumi\` could not fetch it (${why.trim()}). With a way to the Internet, \`npx pulumi version\` fetches it; or install it yourself: https://www.pulumi.com/docs/install/`;
  }
  if (noPassphrase.test(said)) {
    return "its secrets are encrypted with a passphrase, and none is given. Set the variable PULUMI_CONFIG_PASSPHRASE to the one that the stack was made with, or PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it.";
  }
  if (wrongPassphrase.test(said)) {
    return "its secrets are encrypted with another passphrase than the one in PULUMI_CONFIG_PASSPHRASE (or PULUMI_CONFIG_PASSPHRASE_FILE). Set it to the one that the stack was made with; a passphrase that is lost cannot be found again, but `npx pulumi stack change-secrets-provider` gives the stack another one where somebody still has it.";
  }
  return undefined;
}
