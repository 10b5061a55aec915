import type { Route } from "../route.ts";
import { accessRoutes } from "./access.ts";
import { accountRoutes } from "./accounts.ts";
import { contentRoutes } from "./content.ts";
import { databaseRoutes } from "./d1-databases.ts";
import { deploymentRoutes } from "./deployments.ts";
import { dnsRecordRoutes } from "./dns-records.ts";
import { domainRoutes } from "./domains.ts";
import { durableObjectRoutes } from "./durable-objects.ts";
import { kvNamespaceRoutes } from "./kv-namespaces.ts";
import { kvValueRoutes } from "./kv-values.ts";
import { bucketRoutes } from "./r2-buckets.ts";
import { routeRoutes } from "./routes.ts";
import { scheduleRoutes } from "./schedules.ts";
import { scriptRoutes } from "./scripts.ts";
import { secretRoutes } from "./secrets.ts";
import { serviceRoutes } from "./services.ts";
import { settingRoutes } from "./settings.ts";
import { subdomainRoutes } from "./subdomains.ts";
import { tokenRoutes } from "./tokens.ts";
import { versionRoutes } from "./versions.ts";
import { workerBetaRoutes } from "./workers-beta.ts";
import { zoneRoutes } from "./zones.ts";

/** Every endpoint of the API. */
export const routes: readonly Route[] = [
  ...tokenRoutes,
  ...accountRoutes,
  ...kvNamespaceRoutes,
  ...kvValueRoutes,
  ...settingRoutes,
  ...contentRoutes,
  ...secretRoutes,
  ...subdomainRoutes,
  ...scheduleRoutes,
  ...versionRoutes,
  ...deploymentRoutes,
  ...domainRoutes,
  ...routeRoutes,
  ...serviceRoutes,
  ...scriptRoutes,
  ...workerBetaRoutes,
  ...durableObjectRoutes,
  ...zoneRoutes,
  ...dnsRecordRoutes,
  ...databaseRoutes,
  ...bucketRoutes,
  ...accessRoutes,
];
