/** What one way of an SDK did, in words. */
export interface Row {
  readonly client: string;
  readonly endpoint: string;
  readonly transport: string;
  readonly registration: string;
  readonly token: string;
  readonly opening: string;
  readonly list: string;
  readonly call: string;
  readonly refresh: string;
  readonly stepUp: string;
  readonly revoked: string;
  readonly cannot: string;
}

/** The columns of the table in docs/clients.md. */
export const columns: readonly (readonly [keyof Row, string])[] = [
  ["client", "Client"],
  ["endpoint", "Endpoint"],
  ["transport", "Transport"],
  ["registration", "Registration"],
  ["token", "Token: method"],
  ["opening", "Opening"],
  ["list", "List"],
  ["call", "Call"],
  ["refresh", "Refresh"],
  ["stepUp", "Step-up"],
  ["revoked", "Revoked"],
  ["cannot", "What it cannot do"],
];
