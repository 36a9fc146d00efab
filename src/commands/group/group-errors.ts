import { DomainError } from "../../domain/errors.ts";
import { quote } from "../../domain/quote.ts";

/** What somebody wants to do with a group, as GROUP_FORBIDDEN and GROUP_PROTECTED call it. */
export type GroupAction = "create" | "read" | "edit" | "delete" | "import" | "take over" | "return";

/** GROUP_FORBIDDEN: the same whether or not there is such a group. */
export function forbidden(group: string, action: GroupAction): DomainError {
  return new DomainError(
    "GROUP_FORBIDDEN",
    `this peer may not ${action} a group ${quote(group)}, whether or not there is one`,
    { group, action },
  );
}

/** GROUP_PROTECTED: nobody may do this to the group; `rule` says why. */
export function protectedGroup(group: string, action: GroupAction, rule: string): DomainError {
  return new DomainError("GROUP_PROTECTED", `nobody may ${action} group ${quote(group)}: ${rule}`, {
    group,
    action,
    rule,
  });
}

/** NOT_FOUND: for those only who may know which groups there are. */
export function noSuchGroup(group: string): DomainError {
  return new DomainError("NOT_FOUND", `there is no group ${quote(group)}`, {
    kind: "group",
    name: group,
  });
}

/** MANAGED_BY_SOURCE: for those only who may edit the group. */
export function managedBySource(group: string, source: string): DomainError {
  return new DomainError(
    "MANAGED_BY_SOURCE",
    `group ${quote(group)} is managed by source ${quote(source)}: change it in its files and apply them, ` +
      "or have an administrator take it over for a time (group take-over)",
    { group, source },
  );
}

/** NOT_MANAGED: for administrators only, who know which groups there are. */
export function notManaged(group: string): DomainError {
  return new DomainError(
    "NOT_MANAGED",
    `no source manages group ${quote(group)}, so there is nobody to take it over from: edit it`,
    { group },
  );
}

/** LIMIT_EXCEEDED: `limit` is what docs/limits.md calls it. */
export function limitExceeded(limit: string, message: string): DomainError {
  return new DomainError("LIMIT_EXCEEDED", message, { limit });
}
