import { defineScopes } from "./kit/index.ts";

/**
 * The scopes of this server and what they mean, in the order in which people read them. Metadata, the
 * consent page, the home page and the documentation take them from here.
 */
export const scopes = defineScopes({
  "math:use": { words: "Calculate with numbers you give it", isBase: true },
  "profile:read": {
    words: "See who you are: the email address you signed in with",
    isBase: true,
  },
  "memory:read": {
    words: "Read what it remembers for you: your values and your calculations",
    isBase: false,
  },
  "memory:write": {
    words: "Remember things for you, and forget them: your values and your calculations",
    isBase: false,
    includes: ["memory:read"],
  },
});

/** A scope of the catalogue. */
export type Scope = keyof typeof scopes;
