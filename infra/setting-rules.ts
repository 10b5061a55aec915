import {
  identityMethodsThatCheckNothing,
  type SecretName,
  type SettingName,
  type Settings,
} from "./settings.ts";

/** What an identity method cannot work without. */
const methodNeeds: Readonly<
  Record<Settings["identityMethod"], readonly (SettingName | SecretName)[]>
> = {
  demo: [],
  github: ["githubClientId", "githubClientSecret"],
  oidc: ["oidcIssuer", "oidcClientId", "oidcClientSecret"],
  access: ["accessTeamDomain"],
};

/** Every rule between settings that a stack breaks, each with the way out. */
export function findProblems(settings: Settings, secrets: readonly SecretName[]): string[] {
  return [
    ...checkIdentityMethod(settings),
    ...checkMethodOptions(settings, secrets),
    ...checkAddress(settings),
    ...checkRoutes(settings),
    ...checkTokens(settings),
  ];
}

function checkIdentityMethod({ environment, identityMethod }: Settings): string[] {
  const problems: string[] = [];
  if (environment === "production" && identityMethodsThatCheckNothing.includes(identityMethod)) {
    problems.push(
      `identityMethod: "${identityMethod}" signs anybody in, which a production stack must not. Choose another method, or set environment to development.`,
    );
  }
  return problems;
}

/** What the identity method needs, and what belongs to another one. */
function checkMethodOptions(settings: Settings, secrets: readonly SecretName[]): string[] {
  const { identityMethod } = settings;
  const isSet = (name: SettingName | SecretName) =>
    secrets.includes(name as SecretName) || settings[name as SettingName] !== undefined;
  const missing = methodNeeds[identityMethod]
    .filter((name) => !isSet(name))
    .map((name) => {
      const option = name.endsWith("Secret") ? "--secret " : "";
      return `${name}: the identity method "${identityMethod}" needs it. Set it with \`pulumi config set ${option}${name}\`.`;
    });
  const foreign = Object.entries(methodNeeds)
    .filter(([method]) => method !== identityMethod)
    .flatMap(([method, names]) => names.map((name) => ({ method, name })))
    // A secret that nothing reads does no harm, and .dev/secrets.yaml is for every stack.
    .filter(({ name }) => settings[name as SettingName] !== undefined)
    .map(
      ({ method, name }) =>
        `${name}: it belongs to the identity method "${method}", and this stack has "${identityMethod}". Remove it, or change identityMethod.`,
    );
  return [...missing, ...foreign];
}

function checkAddress(settings: Settings): string[] {
  const { customDomain, publicUrl, workersDev, routes, zone, allowOriginChange } = settings;
  const problems: string[] = [];
  for (const [name, url] of Object.entries({ publicUrl, allowOriginChange })) {
    if (url !== undefined && !isOrigin(url)) {
      problems.push(
        `${name}: "${url}" must be https:// and a host, or http:// and localhost, with no path and no / at the end. Example: https://math.example.com`,
      );
    }
  }
  if (customDomain !== undefined && zone === undefined) {
    problems.push(
      `zone: the custom domain ${customDomain} lies in a zone of the account. Name it. Example: example.com`,
    );
  }
  if (customDomain !== undefined && zone !== undefined && !liesIn(customDomain, zone)) {
    problems.push(
      `customDomain: ${customDomain} does not lie in the zone ${zone}. Choose a name that is or ends with it. Example: math.${zone}`,
    );
  }
  if (customDomain !== undefined && ![undefined, `https://${customDomain}`].includes(publicUrl)) {
    problems.push(
      `publicUrl: "${publicUrl}" and customDomain "${customDomain}" disagree, and there is one public URL. Remove publicUrl.`,
    );
  }
  const isLocal = publicUrl?.startsWith("http:") === true;
  if (!workersDev && customDomain === undefined && routes.length === 0 && !isLocal) {
    problems.push(
      "workersDev: with false nothing leads to the Worker. Set customDomain, or publicUrl with routes.",
    );
  }
  const twice = routes.find((pattern, index) => routes.indexOf(pattern) !== index);
  if (twice !== undefined) problems.push(`routes: "${twice}" stands there twice. Remove one.`);
  return problems;
}

/** Another host than the origin's would be answered with 404, so a route for it is a mistake. */
function checkRoutes({ routes, zone, customDomain, publicUrl }: Settings): string[] {
  if (routes.length === 0) return [];
  if (zone === undefined) {
    return ["zone: routes lie in a zone of the account. Name it. Example: example.com"];
  }
  const host =
    customDomain ??
    (publicUrl !== undefined && URL.canParse(publicUrl) ? new URL(publicUrl).host : undefined);
  if (host === undefined) {
    return [
      "routes: they need a public URL on the same host. Set publicUrl or customDomain. Example: https://math.example.com",
    ];
  }
  return routes.flatMap((pattern) => {
    const routeHost = pattern.split("/")[0] ?? "";
    if (pattern.includes("://") || !pattern.includes("/")) {
      return [`routes: "${pattern}" must be a host and a path. Example: ${host}/*`];
    }
    if (!liesIn(routeHost, zone)) {
      return [`routes: "${pattern}" does not lie in the zone ${zone}. Example: ${host}/*`];
    }
    if (routeHost !== host) {
      return [
        `routes: "${pattern}" is not on the public URL's host ${host}, so every request to it would be refused. Example: ${host}/*`,
      ];
    }
    return [];
  });
}

function checkTokens(settings: Settings): string[] {
  const { accessTokenLifetime, refreshTokenIdleLifetime, refreshTokenLifetime } = settings;
  const problems: string[] = [];
  if (accessTokenLifetime > refreshTokenIdleLifetime) {
    problems.push(
      `accessTokenLifetime: ${accessTokenLifetime} s is longer than refreshTokenIdleLifetime (${refreshTokenIdleLifetime} s), so a connection would end before its token. Example: 3600`,
    );
  }
  if (refreshTokenLifetime !== undefined && refreshTokenLifetime < refreshTokenIdleLifetime) {
    problems.push(
      `refreshTokenLifetime: ${refreshTokenLifetime} s is shorter than refreshTokenIdleLifetime (${refreshTokenIdleLifetime} s), which then means nothing. Raise it, or lower the other. Example: 31536000`,
    );
  }
  return problems;
}

function liesIn(host: string, zone: string): boolean {
  return host === zone || host.endsWith(`.${zone}`);
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol, hostname: host } = new URL(text);
  const isLoopback = host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);
  return origin === text && (protocol === "https:" || (protocol === "http:" && isLoopback));
}
