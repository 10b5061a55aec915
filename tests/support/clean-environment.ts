/**
 * Takes the person's credentials and proxies out of the tests' own process: programs run inside it, and
 * an SDK would send them.
 */
for (const name of Object.keys(process.env)) {
  const isCredential = name.startsWith("CLOUDFLARE_") && name !== "CLOUDFLARE_PLUGIN";
  if (isCredential || name === "PULUMI_ACCESS_TOKEN" || /_proxy$/i.test(name)) {
    delete process.env[name];
  }
}
