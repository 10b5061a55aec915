/** The grant of a client that acts for itself (RFC 6749 section 4.4). */
export const clientCredentialsGrant = "client_credentials";

/** The grant of an assertion (RFC 7523 section 2.1). */
export const jwtBearerGrant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
