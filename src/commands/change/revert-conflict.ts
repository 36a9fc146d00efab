import type { EntityChange } from "../../domain/entity.ts";
import { DomainError } from "../../domain/errors.ts";
import { quote } from "../../domain/quote.ts";

/** REVERT_CONFLICT: an entity stands in the way. */
export function entityConflict(
  revision: bigint,
  { kind, key }: Pick<EntityChange, "kind" | "key">,
  what: string,
): DomainError {
  return conflict(revision, `${kind} ${quote(key)} ${what}`, { kind, key });
}

/** REVERT_CONFLICT: what undoing the change would lead to is not valid. */
export function ruleConflict(revision: bigint, rule: string): DomainError {
  return conflict(revision, rule, { kind: "", key: "" });
}

/** The same conflict about an entity, with the revision that changed the entity since. */
export function changedBy({ message, metadata }: DomainError, by: bigint): DomainError {
  return new DomainError("REVERT_CONFLICT", `${message}; revision ${by} changed it`, {
    ...metadata,
    by: by.toString(),
  });
}

function conflict(
  revision: bigint,
  rule: string,
  entity: Readonly<Record<"kind" | "key", string>>,
): DomainError {
  return new DomainError("REVERT_CONFLICT", `revision ${revision} cannot be undone: ${rule}`, {
    revision: revision.toString(),
    ...entity,
    by: "",
    rule,
  });
}
