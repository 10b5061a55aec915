/** Why a line behind a sign-in could not be looked at. */
export function explainNone(why: string): string {
  return `There was no sign-in: ${why}`;
}
