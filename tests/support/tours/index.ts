import { accessTour } from "./access-tour.ts";
import { companyTour } from "./company-tour.ts";
import { demoTour } from "./demo-tour.ts";
import { gitHubTour } from "./github-tour.ts";
import type { Tour } from "./tour.ts";

/** Together they lead over every page that people see. */
export const tours: readonly Tour[] = [demoTour, gitHubTour, companyTour, accessTour];
