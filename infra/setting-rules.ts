import { isLoopback } from "./loopback.ts";
import type { SecretName, Settings } from "./settings.ts";
import { checkSignIn } from "./sign-in-rules.ts";

/** Every rule between settings that a stack breaks, each with the way out. */
export function findProblems(settings: Settings, secrets: readonly SecretName[]): string[] {
  return [
    ...checkSignIn(settings, secrets),
    ...checkClients(settings),
    ...checkAddress(settings),
    ...checkRoutes(settings),
    ...checkTokens(settings),
  ];
}

/** Clients' ids are part of KV keys, and an id that is a URL would name a metadata document. */
function checkClients({ preRegisteredClients }: Settings): string[] {
  const ids = preRegisteredClients.map(({ clientId }) => clientId);
  return preRegisteredClients.flatMap(({ clientId, redirectUris }, index) => {
    const field = `preRegisteredClients.${index}`;
    const problems: string[] = [];
    if (!/^[\w.-]{1,128}$/.test(clientId)) {
      problems.push(
        `${field}.clientId: "${clientId}" must be 1 to 128 letters, digits, ".", "_" and "-". Example: acme`,
      );
    }
    if (ids.indexOf(clientId) !== index) {
      problems.push(`${field}.clientId: "${clientId}" is there twice. Remove one.`);
    }
    const wrong = redirectUris.find((uri) => !isRedirectUri(uri));
    if (wrong !== undefined) {
      problems.push(
        `${field}.redirectUris: "${wrong}" must be https://, or http:// on localhost, without a user and without #. Example: https://acme.example/callback`,
      );
    }
    return problems;
  });
}

/** RFC 9700 section 2.1, RFC 8252 section 7.3. */
function isRedirectUri(text: string): boolean {
  const { protocol, username, password } = new URL(text);
  const isPlain = username === "" && password === "" && !text.includes("#");
  return isPlain && (protocol === "https:" || (protocol === "http:" && isLoopback(text)));
}

function checkAddress(settings: Settings): string[] {
  const { customDomain, publicUrl, workersDev, routes, zone, allowOriginChange } = settings;
  const problems: string[] = [];
  for (const [name, url] of Object.entries({ publicUrl, allowOriginChange })) {
    if (url !== undefined && !isOrigin(url)) {
      problems.push(
        `${name}: "${url}" must be https:// and a host, or http:// and localhost, with no path and no / at the end. Example: https://orders.example.com`,
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
      `customDomain: ${customDomain} does not lie in the zone ${zone}. Choose a name that is or ends with it. Example: orders.${zone}`,
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
  if (twice !== undefined) problems.push(`routes: "${twice}" is there twice. Remove one.`);
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
      "routes: they need a public URL on the same host. Set publicUrl or customDomain. Example: https://orders.example.com",
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
  const { origin, protocol } = new URL(text);
  return origin === text && (protocol === "https:" || (protocol === "http:" && isLoopback(text)));
}
