import type { TaskInfo } from "../checker/check-task-perm.ts";

/** What an identity may do in one place; the permissions are sorted. */
export interface PermissionSet {
  readonly place:
    | { readonly kind: "server" }
    | { readonly kind: "realm"; readonly realm: string }
    | { readonly kind: "pool"; readonly pool: string };
  readonly permissions: readonly string[];
}

/** Where somebody has a permission. Names are well-formed. */
export type Place =
  | { readonly kind: "server" }
  | { readonly kind: "pool"; readonly pool: string }
  | { readonly kind: "realm"; readonly realm: string }
  | { readonly kind: "task"; readonly task: TaskInfo }
  | { readonly kind: "bot"; readonly botId: string };

/** Somebody who passes a check; see fleetgate.inspect.v1.PermittedPrincipal. */
export interface PermittedPrincipal {
  readonly kind: "identity" | "submitter" | "glob" | "group";
  readonly name: string;
  readonly via: readonly string[];
}

/** Whom to look up. Names are well-formed. */
export type LookedUp =
  | { readonly kind: "identity"; readonly identity: string }
  | { readonly kind: "glob"; readonly glob: string }
  | { readonly kind: "group"; readonly group: string };

/** A group that holds a principal, and all ways in which it does; see fleetgate.inspect.v1.GroupMembership. */
export interface GroupMembership {
  readonly group: string;
  readonly member: string;
  readonly globs: readonly string[];
  readonly nested: readonly string[];
  readonly source: string;
}
