import { DomainError } from "../../domain/errors.ts";
import type { Identity } from "../../domain/identity.ts";
import { rootGroup } from "../../domain/names.ts";
import { mayReadAllGroups, mayReadGroup } from "../../engine/group-rights.ts";
import type { ReplicaState } from "../../replica/state.ts";
import { readGroupCreation } from "../../storage/group-creation.ts";
import type { Db } from "../../storage/database.ts";
import { freshState, usableState, type CommandDeps } from "../deps.ts";
import { forbidden } from "../group/group-errors.ts";

/** Who wants to read what of the log. */
export interface LogRequest {
  readonly method: string;
  readonly asker: Identity;
  /** The group that the request names; empty: none. */
  readonly group: string;
}

/** What of the log somebody may read, at the newest state. */
export interface LogView {
  readonly state: ReplicaState;
  /** Everything, or as an owner the changes of the group that the request names, as long as this group is there. */
  readonly reads: "everything" | "group";
}

/**
 * Finds out what the asker may read of the log: readers all of it, and who may read a group what is of that group. Throws
 * GROUP_REQUIRED when anybody else names no group, and GROUP_FORBIDDEN when it names another one, whether or not
 * there is such a group.
 */
export function logViewOf(state: ReplicaState, request: LogRequest): LogView {
  const { method, asker, group } = request;
  const { snapshot } = state;
  if (mayReadAllGroups(snapshot, asker)) return { state, reads: "everything" };
  if (group === "") throw groupWanted(method);
  const entry = snapshot.groups.entry(group);
  if (entry === undefined || !mayReadGroup(snapshot, asker, entry)) throw forbidden(group, "read");
  return { state, reads: "group" };
}

/**
 * The same at the newest state that storage holds: the log is read up to there and no further, so that nobody sees
 * more of it than the state permits. `check` looks at the rest of the request, before storage is asked and after it is
 * known that the asker may read.
 */
export async function openLog(
  deps: CommandDeps,
  request: LogRequest,
  check: () => void,
): Promise<LogView> {
  logViewOf(usableState(deps), request);
  check();
  return logViewOf(await freshState(deps), request);
}

/**
 * The first revision that a view shows: an owner does not see what became of an earlier group of the same name, which
 * may have had other owners.
 */
export async function firstVisible(
  db: Db,
  { state, reads }: LogView,
  { group }: LogRequest,
): Promise<bigint> {
  return reads === "everything" ? 0n : readGroupCreation(db, group, state.revision);
}

function groupWanted(method: string): DomainError {
  return new DomainError(
    "GROUP_REQUIRED",
    `${method} without a group is for readers: members of group "${rootGroup}" and of the readers group of the settings`,
    { method, group: rootGroup },
  );
}
