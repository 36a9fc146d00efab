import { quote } from "../../domain/quote.ts";
import {
  Step_Kind,
  Step_Result,
  type Step,
} from "../../gen/fleetgate/inspect/v1/inspect_service_pb.ts";
import { plain } from "../print.ts";

/** What a step looked at: `pool "p" (realm a:b)`. */
export function formatPlace(step: Step): string {
  const { pool, realm, answeringRealm } = step;
  // The fallback counts only where there is one.
  const fallback =
    answeringRealm !== "" && answeringRealm !== realm
      ? `, which is not defined: ${plain(answeringRealm)} counts`
      : "";
  switch (step.kind) {
    case Step_Kind.SUBMITTER:
      return "submitter";
    case Step_Kind.SERVER:
      return "server level";
    case Step_Kind.REALM:
      return `realm ${plain(realm)}${fallback}`;
    case Step_Kind.POOL: {
      const name = pool === "" ? "a pool" : `pool ${quote(pool)}`;
      return realm === "" ? name : `${name} (realm ${plain(realm)}${fallback})`;
    }
    case Step_Kind.UNSPECIFIED:
    default:
      return "something that this release does not know";
  }
}

/** What a step came to, in words. */
export function formatResult(step: Step): string {
  const permission = plain(step.permission);
  switch (step.result) {
    case Step_Result.PERMITTED:
      return "yes";
    case Step_Result.NOT_SUBMITTER:
      return "no: the task has no submitter, or another one";
    case Step_Result.NO_SERVER_LEVEL:
      return `no: nobody has ${permission} there`;
    case Step_Result.NOT_IN_GROUPS:
      return `no: the caller is in none of the groups that have ${permission}: ${step.groups.map(quote).join(", ")}`;
    case Step_Result.UNDECLARED_PERMISSION:
      return `no: nobody declared the permission ${permission}`;
    case Step_Result.UNKNOWN_POOL:
      return "no: there is no such pool";
    case Step_Result.UNDEFINED_REALM:
      return "no: neither the realm nor @root of its project is defined";
    case Step_Result.NOT_BOUND:
      return `no: nobody has ${permission} there`;
    case Step_Result.NOT_A_PRINCIPAL:
      return `no: others have ${permission} there, the caller does not`;
    case Step_Result.CONDITIONAL:
      return `no: the caller has ${permission} there under conditions only, and checks pass no attributes`;
    case Step_Result.UNSPECIFIED:
    default:
      return "no";
  }
}
