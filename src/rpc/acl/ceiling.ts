import { reportPermission } from "../../domain/credential/gates.ts";
import type { Peer } from "../admission/peer.ts";

/** Whether a peer may use a permission at all, whatever the realms give it. */
export type Ceiling = (permission: string) => boolean;

/**
 * The most that a peer may use; undefined: there is no bound. The credential of a task lists its permissions, and one that may only
 * report is denied every check. It bounds what the task asks about itself and, all the more, what it asks on behalf of others.
 */
export function ceilingOf({ record, use }: Peer): Ceiling | undefined {
  if (record?.kind !== "task") return undefined;
  if (use !== "all") return nothing;
  const { permissions } = record;
  return (permission) => permissions.includes(permission) || permission === reportPermission;
}

const nothing: Ceiling = () => false;
