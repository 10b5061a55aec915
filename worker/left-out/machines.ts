/** Replaces machine clients. */
import type * as real from "../oauth/machines/way-in.ts";
import { leftOut } from "./left-out.ts";

export const isMachineToken: typeof real.isMachineToken = () => false;
export const checkMachineToken: typeof real.checkMachineToken = leftOut;
export const explainMachineToken: typeof real.explainMachineToken = leftOut;
export const addMachineGrants: typeof real.addMachineGrants = (metadata) => metadata;
export const listWorkloads: typeof real.listWorkloads = () => [];
export const answerClientCredentials: typeof real.answerClientCredentials = leftOut;
export const answerWorkload: typeof real.answerWorkload = leftOut;
