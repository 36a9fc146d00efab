import { Buffer } from "node:buffer";
import type { Actor } from "../../credentials/deps.ts";
import type { LookupHash } from "../../credentials/keyring.ts";
import { DomainError, invalidField } from "../../domain/errors.ts";
import { foldIdentity } from "../../domain/identity.ts";
import { appendAudit, type NewAuditEvent } from "../../storage/credential/audit.ts";
import { insertCredential } from "../../storage/credential/new-credential.ts";
import { bumpSubject } from "../../storage/credential/subjects.ts";
import {
  findSuppliedToken,
  readFirstTerms,
  replaceMintedToken,
  type ReplacedToken,
  type TaskTerms,
} from "../../storage/credential/task-tokens.ts";
import type { TaskRecord } from "../../storage/credential/tasks.ts";
import { sqlState } from "../../storage/errors.ts";
import type { Tx } from "../../storage/storage.ts";
import { mintToken } from "../credential/mint-token.ts";
import type { RegisterDeps } from "./deps.ts";
import type { Registration } from "./registration.ts";

/** The token of a registration. */
export interface IssuedTaskToken {
  readonly credentialId: string;
  /** A secret, shown once; undefined: the host brought it. */
  readonly token: string | undefined;
}

/** Where the token of a registration comes from; `supplied`: its hashes under every key, the active one's first. */
export type TokenSource =
  | { readonly kind: "minted" }
  | {
      readonly kind: "supplied";
      readonly hashes: readonly [LookupHash, ...LookupHash[]];
    };

/** Tells where the token comes from, and forgets its text if a forge made it. Fails with KEY_NOT_READY. */
export function tokenSource(
  { keyring }: Pick<RegisterDeps, "keyring">,
  { token }: Registration,
): TokenSource {
  if (token === undefined) return { kind: "minted" };
  const {
    hashes: [first, ...others],
    isComplete,
  } = keyring.lookupHashes(token);
  // By a key that is not here another task may have it already, or it may be revoked.
  if (first !== undefined && isComplete) return { kind: "supplied", hashes: [first, ...others] };
  const lacking = first === undefined ? "has none" : "lacks one that is in use";
  const rule = `tokens of others are stored by a lookup key, and this server ${lacking}`;
  const message = `${rule}; give it one, or leave the token empty to have one minted`;
  throw new DomainError("KEY_NOT_READY", message, { purpose: "lookup", key_id: "", rule });
}

/** What is to be issued. */
export interface Issue {
  readonly registration: Pick<Registration, "holdId" | "permissions" | "audiences">;
  readonly source: TokenSource;
  readonly isNew: boolean;
  /** Whether the hold was registered before: what was minted for it is replaced. */
  readonly isRepeat: boolean;
}

/** Issues the token of a registration of a locked task. Fails with ALREADY_EXISTS and INVALID_FIELD. */
export async function issueTaskToken(
  tx: Tx,
  deps: Pick<RegisterDeps, "randomBytes">,
  actor: Actor,
  task: TaskRecord,
  { registration, source, isNew, isRepeat }: Issue,
): Promise<IssuedTaskToken> {
  if (source.kind === "supplied") {
    const shared = await findShared(tx, task, source.hashes);
    if (shared !== undefined) return { credentialId: shared, token: undefined };
  }
  const terms = isNew ? registration : narrowed(await readFirstTerms(tx, task.uid), registration);
  const { id, token, secretHash } =
    source.kind === "minted"
      ? mintToken(deps, "task")
      : { ...mintedId(deps), token: undefined, secretHash: undefined };
  const replaced =
    source.kind === "minted" && isRepeat
      ? await replace(tx, actor, task, registration.holdId, { ...terms, id })
      : [];
  const stored = insertCredential(tx, {
    ...{ id, kind: "task", subjectUid: task.uid, secretHash, holdId: registration.holdId },
    ...{ generation: task.generation, epoch: 0n, audiences: terms.audiences },
    ...{ permissions: terms.permissions, expiresAt: task.reportUntil, issuedBy: actor.caller },
    ...(source.kind === "supplied" ? { lookup: source.hashes[0] } : {}),
    ...(actor.record === undefined ? {} : { parent: actor.record.id }),
  });
  await stored.catch((error: unknown) => {
    // Another task's registration with this token committed just now.
    throw source.kind === "supplied" && sqlState(error) === "23505" ? tokenTaken() : error;
  });
  const identity = `task:${task.id}`;
  const issued = { event: "issued", actor, credentialId: id, reason: "task" } as const;
  const of = { identity, realm: task.realm, detail: { from: source.kind } };
  await appendAudit(tx, [...replaced, { ...issued, ...of }]);
  return { credentialId: id, token };
}

function mintedId({ randomBytes }: Pick<RegisterDeps, "randomBytes">): { readonly id: string } {
  return { id: Buffer.from(randomBytes(12)).toString("base64url") };
}

// The credential of this token, if the task has it.
async function findShared(
  tx: Tx,
  task: TaskRecord,
  hashes: readonly LookupHash[],
): Promise<string | undefined> {
  const found = await findSuppliedToken(
    tx,
    hashes.map(({ hash }) => hash),
  );
  if (found.some(({ taskUid }) => taskUid !== task.uid)) throw tokenTaken();
  const [shared] = found;
  if (shared?.isRevoked === true) {
    throw invalidField("token", "was revoked; bring another one, or have one minted");
  }
  return shared?.id;
}

function tokenTaken(): DomainError {
  const message = "the token is not this task's; bring another one, or have one minted";
  return new DomainError("ALREADY_EXISTS", message, { kind: "token", name: "" });
}

async function replace(
  tx: Tx,
  actor: Actor,
  task: TaskRecord,
  holdId: string,
  by: ReplacedToken,
): Promise<readonly NewAuditEvent[]> {
  const of = { taskUid: task.uid, holdId, issuedBy: foldIdentity(actor.identity) };
  const replaced = await replaceMintedToken(tx, of, by.id);
  const identity = `task:${task.id}`;
  for (const old of replaced) {
    // Replicas forget the one that was replaced. URLs that were signed for it stand, unless the new one could not have them signed.
    await bumpSubject(tx, task, {}, { shrinks: hasLess(by, old), credentialId: old.id });
  }
  return replaced.map(({ id: credentialId }) => ({
    ...{ event: "revoked", actor, credentialId, identity, realm: task.realm, reason: "replaced" },
  }));
}

function hasLess(now: TaskTerms, before: TaskTerms): boolean {
  if (before.permissions.some((name) => !now.permissions.includes(name))) return true;
  if (now.audiences.length === 0) return false;
  return (
    before.audiences.length === 0 || before.audiences.some((name) => !now.audiences.includes(name))
  );
}

// A later registration gets no more than the first one, and no more than it asks for.
function narrowed(first: TaskTerms | undefined, asked: TaskTerms): TaskTerms {
  if (first === undefined) {
    throw new DomainError("INTERNAL_FAULT", "nothing is known of the first registration of a task");
  }
  const allowed = new Set(first.permissions);
  const permissions = asked.permissions.filter((name) => allowed.has(name));
  if (first.audiences.length === 0) return { permissions, audiences: asked.audiences };
  if (asked.audiences.length === 0) return { permissions, audiences: first.audiences };
  const audiences = asked.audiences.filter((name) => first.audiences.includes(name));
  if (audiences.length > 0) return { permissions, audiences };
  throw invalidField("audiences", "must be empty or name one of the first registration's");
}
