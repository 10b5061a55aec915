/** Replaces the settings of ways in that the bundle leaves out: the Worker starts with none of them. */
import * as z from "zod";
import { refusal } from "./left-out.ts";

export const machineClients = refuse("machine clients");

export const enterpriseIssuers = refuse("companies that decide for their people");

export const personalTokens = refuse("personal tokens");

function refuse(what: string) {
  return z.never({ error: refusal(what) });
}
