import { reportPermission } from "../domain/credential/gates.ts";
import type {
  CredentialRecord,
  Subject,
  TaskSubject,
  Trust,
} from "../domain/credential/subject.ts";
import type { Identity } from "../domain/identity.ts";
import { fleetgatePermissions } from "../domain/permissions.ts";
import type { Snapshot } from "../engine/snapshot.ts";

/** A place that a caller may read or write: entries with exactly this realm, trust and ref. */
export interface Scope {
  readonly realm: string;
  readonly trust: Trust;
  /** Empty: what was written without one. */
  readonly ref: string;
  /** Only what this task published; undefined: everything in the scope. */
  readonly taskId: string | undefined;
}

/** What a caller may do. */
export interface CallerRights {
  /** Sorted, without repetitions. */
  readonly permissions: readonly string[];
  readonly readScopes: readonly Scope[];
  readonly writeScopes: readonly Scope[];
}

/** The identity of a subject. */
export function identityOf({ kind, id }: Pick<Subject, "kind" | "id">): Identity {
  // Ids were checked when they were stored: they are what the kind permits.
  return `${kind}:${id}` as Identity;
}

/**
 * Whether a credential that is good for everything has a permission in the realm of its subject: a task's only if the realm gives
 * it to the task now and the credential lists it. Reporting is never taken from a task.
 */
export function holdsPermission(
  { subject, permissions }: Pick<CredentialRecord, "subject" | "permissions">,
  permission: string,
  { authDb }: Snapshot,
): boolean {
  if (subject.kind === "task") {
    if (permission === reportPermission) return true;
    if (!permissions.includes(permission)) return false;
  }
  return authDb.hasPermission(identityOf(subject), permission, subject.realm);
}

const reportOnly: CallerRights = {
  permissions: [reportPermission],
  readScopes: [],
  writeScopes: [],
};

/** What the bearer of a credential that was found good may do now. Scopes are of tasks only. */
export function callerRights(
  record: CredentialRecord,
  use: "all" | "report",
  snapshot: Snapshot,
): CallerRights {
  const { subject } = record;
  if (subject.kind !== "task") {
    const permissions = fleetgatePermissions.filter((name) =>
      holdsPermission(record, name, snapshot),
    );
    return { permissions, readScopes: [], writeScopes: [] };
  }
  if (use === "report") return reportOnly;
  const held = record.permissions.filter((name) => holdsPermission(record, name, snapshot));
  return {
    permissions: [...new Set([...held, reportPermission])].sort(),
    readScopes: readScopes(subject, snapshot),
    writeScopes: [ownScope(subject)],
  };
}

function ownScope({ realm, trust, ref }: TaskSubject): Scope {
  return { realm, trust, ref, taskId: undefined };
}

/**
 * What a task writes it reads, and what trusted tasks of the default ref write; of its dependencies what these published, where who is
 * behind the task may see tasks. What untrusted tasks wrote, no trusted one reads.
 */
function readScopes(task: TaskSubject, snapshot: Snapshot): readonly Scope[] {
  const scopes = [ownScope(task)];
  const { realm, defaultRef } = task;
  if (defaultRef !== "")
    scopes.push({ realm, trust: "trusted", ref: defaultRef, taskId: undefined });
  for (const { taskId, realm, trust, ref } of task.dependencies) {
    if (maySeeTasks(task, realm, snapshot)) scopes.push({ realm, trust, ref, taskId });
  }
  const readable = scopes.filter(({ trust }) => task.trust === "untrusted" || trust === "trusted");
  const byName = new Map(readable.map((scope) => [nameOf(scope), scope]));
  return [...byName.values()];
}

function nameOf({ realm, trust, ref, taskId }: Scope): string {
  return JSON.stringify([realm, trust, ref, taskId]);
}

function maySeeTasks(task: TaskSubject, realm: string, { authDb, realms }: Snapshot): boolean {
  if (!realms.isDefined(realm)) return false;
  const viewer = (task.delegatedUser as Identity | undefined) ?? identityOf(task);
  return authDb.hasPermission(viewer, "swarming.tasks.get", realm);
}
