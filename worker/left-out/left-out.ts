/**
 * Replaces functions that are called only if the stack has a certain way in. A Worker that was bundled
 * without one refuses settings that name it (`settings.ts`, `sign-in.ts`), so nobody gets here.
 * @throws always.
 */
export function leftOut(): never {
  throw new Error(refusal("this way in"));
}

/** The error for settings that name a way in that the bundle leaves out. */
export function refusal(what: string): string {
  return `This Worker was bundled without ${what}. Deploy it again with the settings it is to have: npx pulumi up`;
}
