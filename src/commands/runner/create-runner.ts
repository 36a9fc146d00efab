import { randomUUID } from "node:crypto";
import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { DomainError, invalidField } from "../../domain/errors.ts";
import { poolName } from "../../domain/names.ts";
import { quote } from "../../domain/quote.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { insertRunner, type NewRunner } from "../../storage/credential/runners.ts";
import { readSubject, type SubjectRow } from "../../storage/credential/subjects.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import { retrying } from "../../storage/transaction.ts";
import { refuseBearers } from "../bot/bot-access.ts";
import { isRealmDefined, noSuchSubject } from "../credential/require-permission.ts";
import { writerOf } from "../credential/writer-of.ts";
import {
  checkRunnerId,
  mayManageRunners,
  requireRunnerManager,
  requireRunnerPool,
  runnerPermission,
} from "./runner-access.ts";
import { runnerIdentity, toRunner, type Runner } from "./runner.ts";

/** How many managers a runner may have: at least one, at most so many, and so many if nothing is said. */
export const managersOfRunner = { max: 10_000, usual: 100 } as const;

/** What a new runner is to be; see CreateRunnerRequest. */
export interface CreateRunnerInput {
  readonly id: string;
  readonly realm: string;
  readonly pool: string;
  /** 0: as many as is usual. */
  readonly maxManagers: number;
}

/** Creates a runner. Fails with INVALID_FIELD, PERMISSION_REQUIRED and ALREADY_EXISTS (`runner`). */
export async function createRunner(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: CreateRunnerInput,
): Promise<Runner> {
  refuseBearers(actor);
  const runner = requestedRunner(actor, input);
  requireRunnerManager(snapshot, actor, runner.realm);
  if (runner.pool !== undefined) requireRunnerPool(snapshot, actor, runner.realm, runner.pool);
  if (!isRealmDefined(snapshot, runner.realm)) throw invalidField("realm", "must be defined");
  const key = { kind: "runner", id: runner.id } as const;
  // Asked without a lock: whoever finds the id taken by a runner of others neither waits for them nor holds them up.
  const existing = await retrying(() => readSubject(deps.storage.db, key));
  if (existing !== undefined) throw taken(snapshot, actor, existing);
  const row = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    const created = await insertRunner(tx, runner);
    if (created === undefined) throw taken(snapshot, actor, await readSubject(tx, key));
    const of = { identity: runnerIdentity(created), realm: runner.realm };
    await appendAudit(tx, [{ event: "runner_created", actor, ...of }]);
    return created;
  });
  return toRunner({ ...row, managers: 0 });
}

function requestedRunner(actor: Actor, input: CreateRunnerInput): NewRunner {
  const { id, realm, pool, maxManagers } = input;
  checkRunnerId(id);
  if (pool !== "" && !poolName.test(pool)) throw invalidField("pool", poolName.rule);
  const { max, usual } = managersOfRunner;
  if (maxManagers < 0 || maxManagers > max) {
    throw invalidField("max_managers", `must be 1 to ${max}, or 0 for ${usual}`);
  }
  return {
    ...{ uid: randomUUID(), id, realm, pool: pool === "" ? undefined : pool },
    ...{ maxManagers: maxManagers === 0 ? usual : maxManagers, createdBy: actor.identity },
  };
}

// Who has the id in another realm, nobody hears who does not manage that.
function taken(snapshot: Snapshot, actor: Actor, existing: SubjectRow | undefined): DomainError {
  const { subject_id: name = "", realm = "" } = existing ?? {};
  if (!mayManageRunners(snapshot, actor, realm)) {
    return noSuchSubject(snapshot, actor, runnerPermission, "runner", name);
  }
  const names = { kind: "runner", name };
  return new DomainError("ALREADY_EXISTS", `there is a runner ${quote(name)} already`, names);
}
