import type { EntityChange } from "./entity.ts";

/** What undoes a change of an entity. */
export function inverseOf({ kind, key, before, after }: EntityChange): EntityChange {
  // Both bodies are of the kind.
  return { kind, key, before: after, after: before } as EntityChange;
}
