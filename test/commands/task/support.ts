import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { sql } from "kysely";
import type { Actor } from "../../../src/credentials/deps.ts";
import { endTask } from "../../../src/commands/task/end-task.ts";
import { getTask } from "../../../src/commands/task/get-task.ts";
import { endOverdue } from "../../../src/commands/task/end-overdue.ts";
import { registerTask } from "../../../src/commands/task/register-task.ts";
import type { RegistrationInput } from "../../../src/commands/task/registration.ts";
import type { RegisterDeps } from "../../../src/commands/task/deps.ts";
import { releaseHold } from "../../../src/commands/task/release-hold.ts";
import { renewHolds } from "../../../src/commands/task/renew-holds.ts";
import { setTaskState } from "../../../src/commands/task/set-task-state.ts";
import { reportPermission, taskUseAt, type TaskUse } from "../../../src/domain/credential/gates.ts";
import type { CredentialRecord, TaskSubject } from "../../../src/domain/credential/subject.ts";
import type { TaskState } from "../../../src/domain/credential/task-states.ts";
import { builtInPermissions } from "../../../src/domain/permissions.ts";
import type { Snapshot } from "../../../src/engine/snapshot.ts";
import { readTask } from "../../../src/storage/credential/tasks.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { bind, group, id, realm, world as snapshotOf } from "../../engine/world.ts";
import { defaultSettings } from "../../../src/domain/model.ts";

/** Who acts in these tests. All but the stranger and the root may register tasks in `acme:ci`. */
export const host1 = actor("service:host1");
export const host2 = actor("service:host2");
export const bot = actor("bot:b1");
export const manager = actor("service:manager");
export const root = actor("user:root@example.com");
export const stranger = actor("user:stranger@example.com");
/** May register tasks in `acme:other` only. */
export const outsider = actor("service:outsider");

/** An actor that came by no credential of a bot or a task. */
export function actor(
  identity: string,
  record?: CredentialRecord,
  use: Actor["use"] = "all",
): Actor {
  return {
    ...{ identity: id(identity), caller: identity, record, use },
    ...{ source: "192.0.2.1", requestId: "r" },
  };
}

/** An actor that came by the token of a task. */
export function taskActor(
  uid: string,
  taskId: string,
  permissions: readonly string[] = [reportPermission],
  use: Actor["use"] = "all",
): Actor {
  const subject: TaskSubject = {
    kind: "task",
    state: "running",
    trust: "trusted",
    ...{ uid, id: taskId, realm: "acme:ci", pool: undefined, botId: undefined, generation: 1 },
    ...{ epoch: 0n, version: 1n, deleted: false, ref: "", defaultRef: "", dependencies: [] },
    ...{ delegatedUser: undefined, deadline: Infinity, reportUntil: Infinity },
    heldUntil: Infinity,
  };
  const record: CredentialRecord = {
    kind: "task",
    ...{ id: "0123456789abcdef", subject, generation: 1, epoch: 0n },
    ...{ secretHash: undefined, lookupHash: undefined, audiences: [], permissions },
    ...{ notBefore: 0, expiresAt: Infinity, revokedAt: undefined, usedAt: undefined, version: 1n },
  };
  return actor(`task:${taskId}`, record, use);
}

const registrars = ["service:host1", "service:host2", "bot:b1"];

/** The policy of these tests. */
export const snapshot: Snapshot = snapshotOf({
  permissions: [...builtInPermissions],
  realms: [
    realm(
      "acme:ci",
      bind("fleetgate.tasks.register", [...registrars, "service:manager"]),
      bind("fleetgate.tasks.manage", ["service:manager", "task:boss"]),
    ),
    realm("acme:other", bind("fleetgate.tasks.register", ["service:outsider", "service:host2"])),
    realm("acme:seen", bind("swarming.tasks.get", ["user:ann@example.com", "task:reader"])),
    realm("acme:@root", bind("fleetgate.tasks.register", ["service:host1"])),
  ],
  groups: [
    group("administrators", { members: [id("user:root@example.com")] }),
    group("on-behalf", { members: [id("service:host1")] }),
  ],
  settings: {
    ...defaultSettings,
    delegations: [
      {
        group: "on-behalf",
        callerGlobs: ["user:ann@*"],
        permissions: ["fleetgate.tasks.register"],
        realms: ["acme:ci"],
      },
    ],
  },
});

/** A keyring with one lookup key, and one that had another before it. */
export const keyring = {
  lookupHashes: (token: string) => ({
    hashes: [hashOf("k2", token), hashOf("k1", token)],
    isComplete: true,
  }),
};
export const oldKeyring = {
  lookupHashes: (token: string) => ({ hashes: [hashOf("k1", token)], isComplete: true }),
};

function hashOf(keyId: string, token: string): { readonly keyId: string; readonly hash: string } {
  return { keyId, hash: createHmac("sha256", keyId).update(token).digest("hex") };
}

/** A good registration; the rest as given. */
export function registration(parts: Partial<RegistrationInput> = {}): RegistrationInput {
  return {
    ...{ taskId: `t-${randomUUID()}`, realm: "acme:ci", holdId: randomUUID() },
    ...{ leaseMs: 600_000, timeLimitMs: 3_600_000, permissions: [], audiences: [] },
    ...{ trust: "trusted", ref: "", defaultRef: "", delegatedUser: "", dependencies: [] },
    ...{ pool: "", botId: "", token: "", awaitingAck: false },
    ...parts,
  };
}

/** The commands on a database, and what tests look at. */
export function openTasks(storage: Storage, ring: RegisterDeps["keyring"] = keyring) {
  const known: string[] = [];
  const deps: RegisterDeps = {
    storage,
    replica: undefined as never,
    randomBytes,
    makeKnown: (uids) => Promise.resolve(void known.push(...uids)),
    keyring: ring,
  };
  return {
    deps,
    storage,
    /** What was made known to this process. */
    known,
    register: (who: Actor, parts?: Partial<RegistrationInput>) =>
      registerTask(deps, snapshot, who, registration(parts)),
    renew: async (
      who: Actor,
      taskId: string,
      holdId: string,
      leaseMs: number | undefined = 60_000,
    ) => (await renewHolds(deps, snapshot, who, { holds: [{ taskId, holdId }], leaseMs }))[0],
    release: (who: Actor, taskId: string, holdId: string) =>
      releaseHold(deps, snapshot, who, { taskId, holdId }),
    setState: (who: Actor, taskId: string, state: TaskState | undefined) =>
      setTaskState(deps, snapshot, who, { taskId, state }),
    end: (who: Actor, taskId: string, state: TaskState | undefined = "succeeded") =>
      endTask(deps, snapshot, who, { taskId, state }),
    get: (who: Actor, taskId: string) => getTask(deps, snapshot, who, { taskId }),
    overdue: (batch?: number) => endOverdue(deps, batch),
    /** What the token of a task is good for now, by the facts in the database. */
    use: async (taskId: string): Promise<TaskUse> => {
      const task = await readTask(storage.db, { id: taskId });
      return task === undefined ? "none" : taskUseAt(task, task.at);
    },
    events: async (uid: string) =>
      storage.db
        .selectFrom("credential_event")
        .select(["credential_id", "realm", "version", "shrinks"])
        .where("subject_uid", "=", uid)
        .orderBy("id")
        .execute(),
    audit: async (taskId: string) =>
      storage.db
        .selectFrom("credential_audit")
        .select(["event", "caller", "credential_id", "reason", "realm", "detail"])
        .where("identity", "=", `task:${taskId}`)
        .orderBy("id")
        .execute(),
    /** Lets so many milliseconds pass, as far as one task is concerned: all its times move back. */
    pass: async (taskId: string, ms: number): Promise<void> => {
      const by = sql`${ms}::float8 * interval '1 millisecond'`;
      await sql`
        with t as (
          update subject set deadline = deadline - ${by}, report_until = report_until - ${by}, ended_at = ended_at - ${by}
          where kind = 'task' and subject_id = ${taskId} returning uid
        ), c as (
          update credential c set expires_at = expires_at - ${by} from t where c.subject_uid = t.uid
        )
        update hold set lease_until = lease_until - ${by}, released_at = released_at - ${by}
        where task_id = ${taskId}
      `.execute(storage.db);
    },
  };
}

/** The commands of a test. */
export type TestTasks = ReturnType<typeof openTasks>;
