import type { TaskInfo } from "../checker/check-task-perm.ts";

/** A well-formed question of AclService, the caller apart. Of `act_as` the account is the caller. */
export type CheckQuestion =
  | { readonly check: "server"; readonly permission: string }
  | { readonly check: "pool"; readonly permission: string; readonly pool: string }
  | {
      readonly check: "all_pools" | "any_pools" | "filter_pools";
      readonly permission: string;
      readonly pools: readonly string[];
    }
  | { readonly check: "task"; readonly permission: string; readonly task: TaskInfo }
  | { readonly check: "bot"; readonly permission: string; readonly botId: string }
  | { readonly check: "create_in_realm"; readonly realm: string }
  | { readonly check: "act_as"; readonly serviceAccount: string; readonly realm: string };
