/** A problem in the words of an error page: what is wrong, and what to do next. */
export interface Problem {
  readonly title: string;
  readonly text: string;
  /** The next step, if it differs from app to app. */
  readonly steps?: readonly { readonly app: string; readonly step: string }[];
}

/**
 * The most reported dead end: the app keeps a registration that this server no longer has, after a
 * redeploy or its expiry, and sends it again and again. A redirect back is not safe without the
 * registration, so only the person can help. The ways out were read in the apps' own threads:
 * anthropics/claude-code#79505 and #84614, microsoft/vscode#250960, punkpeye/mcp-remote#36.
 */
export function explainUnknownClient(serverName: string): Problem {
  return {
    title: "This app is not registered here",
    text: "The app uses a registration that this server does not have: it has expired, or the server was set up again. Make the app forget it, then connect again.",
    steps: [
      {
        app: "Claude, on the web or the desktop",
        step: "Settings, Connectors: remove the connector and add it again.",
      },
      {
        app: "mcp-remote, also in Claude Desktop's configuration",
        step: "Delete the folder ~/.mcp-auth, then start the app again.",
      },
      {
        app: "Claude Code",
        step: `claude mcp remove ${serverName}, then add it under another name: Claude Code stores a registration by name.`,
      },
      {
        app: "Cursor",
        step: "Settings, MCP: log out of the server or remove it, start Cursor again, then add it.",
      },
      {
        app: "VS Code",
        step: "In the command palette: Authentication: Remove Dynamic Authentication Providers.",
      },
    ],
  };
}

/** A request that no page of this server and no app sends. @param text what is wrong with it. */
export function explainRefusal(text: string): Problem {
  return {
    title: "This request cannot be read",
    text: `${text} Nothing was done. Go back and try again, or start again in the app.`,
  };
}

/** A token that a person asked for and did not get. @param text names the field, and says why. */
export function explainToken(text: string): Problem {
  return { title: "The token was not made", text: `${text} Go back and correct it.` };
}

export const noClient: Problem = {
  title: "No app asked",
  text: "This page is for apps that want to connect, and the link does not name one. Start in the app.",
};

/** Nothing in such a request is trusted, not even the address to go back to. */
export function explainRepeated(parameter: string): Problem {
  return {
    title: "The app's request says something twice",
    text: `The link of the app holds "${parameter}" more than once, so it is not clear what it asks for, and nothing was allowed. Start again in the app; if it keeps happening, tell the app's maker. If somebody sent you this link, close it.`,
  };
}

export const otherRedirect: Problem = {
  title: "The app's return address does not fit",
  text: "The app asks to send you to an address (its redirect URI) that it did not register, or that a browser must not be sent to, so nothing was allowed. If the app was updated or moved, remove the connection there and add it again. If somebody sent you this link, close it.",
};

export const unverifiableClient: Problem = {
  title: "This app could not be verified",
  text: "The document that describes the app could not be read from the address the app gave. Try again later; if it keeps happening, tell the app's maker.",
};

/** A consent page that was already answered, is older than ten minutes, or belongs to another browser. */
export const usedPage: Problem = {
  title: "This page no longer counts",
  text: "A page like this takes one answer, within ten minutes, in the browser that opened it. This answer allowed nothing. If the app is not connected yet, try again here, or start again from the app.",
};

export const usedSignIn: Problem = {
  title: "This sign-in no longer counts",
  text: "A sign-in counts once, within ten minutes, in the browser that began it. Start again from the app.",
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
  text: "You signed in as somebody else in another tab, so this answer did nothing. Try again to see the page for the account that is signed in now.",
};

export const notBehindAccess: Problem = {
  title: "Cloudflare Access did not sign you in",
  text: "This page can only be reached through Cloudflare Access, and this request did not come through it. The person who runs this server finds the steps in docs/identity.md.",
};

export const upstreamUnavailable: Problem = {
  title: "Sign-in does not answer",
  text: "The service that signs people in is not answering. Wait a minute, then try again.",
};

export const upstreamInvalid: Problem = {
  title: "Sign-in did not work",
  text: "The answer from the service that signs people in could not be accepted. Try again; if it happens twice, the person who runs this server finds the reason in its log.",
};
