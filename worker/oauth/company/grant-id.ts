import { digest } from "../../digest.ts";

/** Before the id of each grant that a company made. */
export const companyGrantPrefix = "em-";

/**
 * The id of the one grant that a company gives a person for a client. It is derived from the client, as the person's
 * id is from issuer and subject.
 */
export async function toCompanyGrantId(clientId: string): Promise<string> {
  return companyGrantPrefix + (await digest(clientId)).slice(0, 13);
}

/** Whether a grant is one. The OAuth library's ids are random: one in 10^13 looks like it. */
export function isCompanyGrant(grantId: string): boolean {
  return /^em-[0-9a-f]{13}$/.test(grantId);
}
