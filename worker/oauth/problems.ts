import type { AuthorizationError } from "@cloudflare/workers-oauth-provider";

/** A problem in the words of an error page: what is wrong, and what to do next. */
export interface Problem {
  readonly title: string;
  readonly text: string;
}

/** A problem of the client's request that cannot be told to the client. */
export function explain(error: AuthorizationError): Problem {
  if (error.description === "Invalid client_id") return unknownClient;
  return {
    title: "This request cannot go on",
    text: `${error.description.replace(/\.$/, "")}. Go back to the app and connect again.`,
  };
}

const unknownClient: Problem = {
  title: "This app is not registered here",
  text: "The server no longer knows the app that sent you: its registration ended or the server was set up anew. Remove the connection in the app and add it again. For mcp-remote, delete the folder ~/.mcp-auth and start it again.",
};

export const unverifiableClient: Problem = {
  title: "This app could not be verified",
  text: "The document that describes the app could not be read from the address the app gave. Try again later, or ask the app's maker.",
};

export const foreignForm: Problem = {
  title: "This form came from somewhere else",
  text: "Only this server's own pages may send it. Go back to the app and connect again.",
};

export const unreadableForm: Problem = {
  title: "This form is incomplete",
  text: "Go back to the app and connect again.",
};

export const otherPerson: Problem = {
  title: "Somebody else is signed in now",
  text: "You signed in as somebody else in another tab. Go back to the app and connect again, so that you see for whom you allow it.",
};

export const noScopes: Problem = {
  title: "Nothing is ticked",
  text: "Go back and tick what the app may do, or deny it.",
};

export const notBehindAccess: Problem = {
  title: "Cloudflare Access did not sign you in",
  text: "This page is to be reached through Cloudflare Access only, and this request did not come through it. Whoever runs this server finds the steps in docs/identity.md.",
};

export const upstreamUnavailable: Problem = {
  title: "Sign-in does not answer",
  text: "The service that signs people in does not answer now. Wait a minute, then try again.",
};

export const upstreamInvalid: Problem = {
  title: "Sign-in did not work",
  text: "The answer of the service that signs people in could not be accepted. Try again; if it happens twice, whoever runs this server finds the reason in its log.",
};
