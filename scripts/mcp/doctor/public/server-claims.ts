import { type Check, failed, notChecked, ok, warning } from "../check.ts";
import { readList } from "../look.ts";

const needs = ["authorization-server-metadata"];

/** Clients refuse a server that does not say it (MCP 2026-07-28, "Authorization Code Protection"). */
export const pkce: Check = {
  id: "pkce",
  title: "PKCE with S256 is announced",
  runbook: "pkce",
  needs,
  async run({ learned }) {
    const methods = readList(learned.serverMetadata?.code_challenge_methods_supported) ?? [];
    if (!methods.includes("S256")) {
      return failed(
        `code_challenge_methods_supported is ${JSON.stringify(methods)}.`,
        "Announce S256 there: clients refuse to start without it.",
      );
    }
    if (!methods.includes("plain")) return ok("S256 only.");
    return warning(
      "S256, and plain, which protects nothing.",
      "Take plain out of code_challenge_methods_supported (OAuth 2.1 section 4.1.1).",
    );
  },
};

/** Most clients run on a person's machine and can keep no secret. */
export const publicClients: Check = {
  id: "public-clients",
  title: "Clients without a secret are welcome",
  runbook: "registration-refused",
  needs,
  async run({ learned }) {
    const methods = readList(learned.serverMetadata?.token_endpoint_auth_methods_supported);
    // RFC 8414 section 2: the default of an absent list.
    const known = methods ?? ["client_secret_basic"];
    if (known.includes("none")) return ok(known.join(", "));
    return warning(
      `token_endpoint_auth_methods_supported is ${known.join(", ")}${methods ? "" : " (by default)"}.`,
      'Add "none": without it Claude takes no metadata document, and clients on a person\'s machine have no secret to keep.',
    );
  },
};

/** How a client that nobody knows gets an id. */
export const clientIds: Check = {
  id: "cimd-flag",
  title: "Clients may identify themselves by a metadata document",
  runbook: "registration-refused",
  needs,
  async run({ learned }) {
    const { client_id_metadata_document_supported: flag, registration_endpoint } =
      learned.serverMetadata ?? {};
    if (flag === true) return ok("client_id_metadata_document_supported is true.");
    const reason = `client_id_metadata_document_supported is ${JSON.stringify(flag) ?? "absent"}`;
    if (typeof registration_endpoint === "string") {
      return warning(
        `${reason}: clients register instead, each for itself.`,
        "Turn metadata documents on: registration is deprecated since MCP 2026-07-28.",
      );
    }
    return failed(
      `${reason}, and there is no registration_endpoint: a client gets no id by itself.`,
      "Turn on metadata documents or registration, or give each person a client id to type in.",
    );
  },
};

/** With `iss` in its answer a client knows which server a code comes from (RFC 9207). */
export const issuerParameter: Check = {
  id: "iss",
  title: "Answers to a sign-in name their issuer",
  runbook: "issuer-mismatch",
  needs,
  async run({ learned }) {
    const flag = learned.serverMetadata?.authorization_response_iss_parameter_supported;
    if (flag === true) return ok("authorization_response_iss_parameter_supported is true.");
    return warning(
      `authorization_response_iss_parameter_supported is ${JSON.stringify(flag) ?? "absent"}: a client of two servers cannot tell whose code it was given.`,
      "Send iss with each answer and announce it (RFC 9207); MCP is going to require it.",
    );
  },
};

/** The authorization server must be able to give what an endpoint lets a client ask for. */
export const scopes: Check = {
  id: "scopes",
  title: "The scopes that the endpoints name can be asked for",
  runbook: "insufficient-scope",
  needs,
  async run({ learned }) {
    const granted = readList(learned.serverMetadata?.scopes_supported);
    const documents = Object.entries(learned.resourceMetadata);
    const named = documents.flatMap(([path, document]) =>
      (readList(document.scopes_supported) ?? []).map((scope) => ({ path, scope })),
    );
    if (named.length === 0)
      return notChecked("The endpoints name no scopes: a client asks for none.");
    const unknown = granted && named.find(({ scope }) => !granted.includes(scope));
    if (unknown) {
      return failed(
        `${unknown.path} names the scope ${unknown.scope}, which the authorization server does not list.`,
        "List it in the server's scopes_supported, or take it out of the endpoint's: a strict server refuses what it does not know.",
      );
    }
    if (named.some(({ scope }) => scope === "offline_access")) {
      return warning(
        "An endpoint names offline_access, which is not a right to a resource.",
        "Take it out of the endpoint's document (MCP 2026-07-28, \"Scope Selection\"); the server's own list is its place.",
      );
    }
    return ok([...new Set(named.map(({ scope }) => scope))].join(", "));
  },
};
