import { randomUUID } from "node:crypto";
import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { DomainError, invalidField } from "../../domain/errors.ts";
import { poolName } from "../../domain/names.ts";
import { quote } from "../../domain/quote.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { insertBot, type NewBot } from "../../storage/credential/bots.ts";
import { readSubject, type SubjectRow } from "../../storage/credential/subjects.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import { retrying } from "../../storage/transaction.ts";
import { requestedUuid } from "../credential/fields.ts";
import { isRealmDefined, noSuchSubject } from "../credential/require-permission.ts";
import { checkBotId, mayManage, refuseBearers, requireManager } from "./bot-access.ts";
import { requireNewPlace } from "./bot-place.ts";
import { identityOf, toBot, type Bot } from "./bot.ts";
import { checkReferences } from "./one-time-references.ts";
import { writerOf } from "../credential/writer-of.ts";

/** What a new bot is to be; see CreateBotRequest. */
export interface CreateBotInput {
  readonly id: string;
  readonly realm: string;
  readonly pool: string;
  readonly uid: string;
  readonly references: ReadonlyMap<string, string>;
}

/**
 * Creates a bot: runner pending, instance pending_create, generation 1. The same request again with its uid gives the bot as it
 * is now. Fails with INVALID_FIELD, PERMISSION_REQUIRED and ALREADY_EXISTS.
 */
export async function createBot(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: CreateBotInput,
): Promise<Bot> {
  refuseBearers(actor);
  const bot = requestedBot(actor, input);
  requireManager(snapshot, actor, bot.realm);
  requireNewPlace(snapshot, actor, bot);
  if (!isRealmDefined(snapshot, bot.realm)) throw invalidField("realm", "must be defined");
  const key = { kind: "bot", id: bot.id } as const;
  // Asked without a lock: whoever finds the id taken by a bot of others neither waits for them nor holds them up.
  const existing = await retrying(() => readSubject(deps.storage.db, key));
  if (existing !== undefined) return toBot(repeated(snapshot, actor, bot, existing));
  const row = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    const created = await insertBot(tx, bot);
    if (created === undefined) return repeated(snapshot, actor, bot, await readSubject(tx, key));
    const identity = identityOf(created);
    await appendAudit(tx, [{ event: "bot_created", actor, identity, realm: bot.realm }]);
    return created;
  });
  await deps.makeKnown([row.uid]);
  return toBot(row);
}

function requestedBot(actor: Actor, input: CreateBotInput): NewBot {
  const { id, realm, pool, uid, references } = input;
  checkBotId(id);
  if (pool !== "" && !poolName.test(pool)) throw invalidField("pool", poolName.rule);
  checkReferences(references);
  return {
    uid: uid === "" ? randomUUID() : requestedUuid("uid", uid),
    id,
    realm,
    pool: pool === "" ? undefined : pool,
    references,
    createdBy: actor.identity,
  };
}

// A uid stands for one bot for ever: that of a deleted one, or of one with another id, is as taken as an id.
function repeated(
  snapshot: Snapshot,
  actor: Actor,
  bot: NewBot,
  existing: SubjectRow | undefined,
): SubjectRow {
  if (existing === undefined) throw alreadyExists("uid", bot.uid);
  if (!mayManage(snapshot, actor, existing.realm)) {
    throw noSuchSubject(snapshot, actor, "fleetgate.bots.manage", "bot", bot.id);
  }
  if (existing.uid !== bot.uid || !isSame(existing, bot)) throw alreadyExists("bot", bot.id);
  return existing;
}

function isSame(row: SubjectRow, { realm, pool, references }: NewBot): boolean {
  const stored = Object.entries(row.one_time_references);
  return (
    row.realm === realm &&
    row.pool === (pool ?? null) &&
    stored.length === references.size &&
    stored.every(([name, reference]) => references.get(name) === reference)
  );
}

function alreadyExists(kind: "bot" | "uid", name: string): DomainError {
  return new DomainError("ALREADY_EXISTS", `there is a ${kind} ${quote(name)} already`, {
    kind,
    name,
  });
}
