import type { ServiceImpl } from "@connectrpc/connect";
import type { InspectService } from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import type { AclChecks } from "../acl/checks.ts";
import type { SettleDeps } from "../acl/consistency.ts";
import { explain } from "./explain.ts";
import { listPermissions } from "./list-permissions.ts";
import { listPrincipals } from "./list-principals.ts";
import { createListingMemo } from "./listing-memo.ts";
import { lookupPrincipal } from "./lookup-principal.ts";

/** The implementation of InspectService. */
export function inspectRoutes(
  deps: SettleDeps,
  checks: AclChecks,
): ServiceImpl<typeof InspectService> {
  const memo = createListingMemo();
  return {
    explain: (request, context) => explain(deps, checks, request, context),
    listPermissions: (request, context) => listPermissions(deps, memo, request, context),
    listPrincipals: (request, context) => listPrincipals(deps, memo, request, context),
    lookupPrincipal: (request, context) => lookupPrincipal(deps, memo, request, context),
  };
}
