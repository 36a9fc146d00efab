import {
  actAsPermission,
  createInRealmPermission,
  taskPermissionTwins,
} from "../../domain/permissions.ts";
import type { TaskInfo } from "../checker/check-task-perm.ts";
import type { Snapshot } from "../snapshot.ts";
import type { CheckQuestion } from "./question.ts";

/** What a check looks at, in this order (docs/semantics.md §7); undefined and [] where it does not. */
export interface Plan {
  readonly submitter: { readonly permission: string; readonly submitter: string } | undefined;
  /** The permission that is looked for at the server level. */
  readonly server: string | undefined;
  readonly realm: { readonly permission: string; readonly realm: string } | undefined;
  readonly pools: {
    readonly permission: string;
    readonly names: readonly string[];
    /** How many of the pools must say yes; "each": a filter, which tells for each. */
    readonly need: "any" | "all" | "each";
  };
}

/** The plan of a question. */
export function planOf(snapshot: Snapshot, question: CheckQuestion): Plan {
  switch (question.check) {
    case "server":
      return plan({ server: question.permission });
    case "pool":
      return atServerOr(question.permission, [question.pool], "any");
    case "all_pools":
      return atServerOr(question.permission, question.pools, "all");
    case "any_pools":
      return atServerOr(question.permission, question.pools, "any");
    case "filter_pools":
      return atServerOr(question.permission, question.pools, "each");
    case "bot":
      return atServerOr(question.permission, snapshot.fleet.poolsOfBot(question.botId), "any");
    case "create_in_realm":
      return plan({ realm: { permission: createInRealmPermission, realm: question.realm } });
    case "act_as":
      return plan({ realm: { permission: actAsPermission, realm: question.realm } });
    default:
      return planOfTask(snapshot, question.permission, question.task);
  }
}

function planOfTask(snapshot: Snapshot, permission: string, task: TaskInfo): Plan {
  const ofBot = task.botId === "" ? [] : snapshot.fleet.poolsOfBot(task.botId);
  return plan({
    submitter: { permission, submitter: task.submitter },
    server: permission,
    realm: task.realm === "" ? undefined : { permission, realm: task.realm },
    pools: {
      permission: taskPermissionTwins.get(permission) ?? "",
      names: task.pool === "" ? ofBot : [task.pool],
      need: "any",
    },
  });
}

function plan(parts: Partial<Plan>): Plan {
  return {
    submitter: undefined,
    server: undefined,
    realm: undefined,
    pools: { permission: "", names: [], need: "any" },
    ...parts,
  };
}

function atServerOr(
  permission: string,
  names: readonly string[],
  need: Plan["pools"]["need"],
): Plan {
  return plan({ server: permission, pools: { permission, names, need } });
}
