import { Buffer } from "node:buffer";
import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import type { CredentialRecord } from "../../domain/credential/subject.ts";
import { DomainError, invalidField } from "../../domain/errors.ts";
import { quote } from "../../domain/quote.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { appendAudit } from "../../storage/credential/audit.ts";
import { markFetched } from "../../storage/credential/bots.ts";
import { bumpSubject, type SubjectRow } from "../../storage/credential/subjects.ts";
import { inCredentialTransaction } from "../../storage/credential/transaction.ts";
import type { Tx } from "../../storage/storage.ts";
import { credentialRefused } from "../credential/credential-refused.ts";
import { shownRefused } from "../credential/shown-refused.ts";
import { mayManage } from "./bot-access.ts";
import { identityOf } from "./bot.ts";
import { formatFetchId } from "./fetch-id.ts";
import { lockBearer, requireUse, type LockedBearer } from "./lock-bearer.ts";
import { isSecretName } from "./one-time-references.ts";
import { requireAllowance } from "../credential/require-allowance.ts";
import { writerOf } from "../credential/writer-of.ts";

/** What a fetch gives. */
export interface Fetched {
  readonly reference: string;
  /** Empty when the bot fetched by itself. */
  readonly fetchId: string;
}

/** What to fetch. */
export interface FetchOnceInput {
  readonly name: string;
  /** The boot token that was shown to the peer, as it was identified; undefined: the peer is the bot. */
  readonly shown: CredentialRecord | undefined;
}

/**
 * Hands the reference of a one-time secret out, once a generation. For the bot by its boot token (CREDENTIAL_REQUIRED for
 * others), or for who manages its bots and was shown the token (else SHOWN_CREDENTIAL_REFUSED, whatever is wrong). Fails with
 * INVALID_FIELD and ALREADY_FETCHED.
 */
export async function fetchOnce(
  deps: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  { name, shown }: FetchOnceInput,
): Promise<Fetched> {
  if (!isSecretName(name)) throw invalidField("name", 'must be 1 to 64 of "a-z 0-9 . _ -"');
  const record = shown === undefined ? actor.record : managedRecord(snapshot, actor, shown);
  if (record?.kind !== "boot") throw credentialRefused("it is no boot token");
  const id = Buffer.from(deps.randomBytes(16)).toString("base64url");
  const fetched = await inCredentialTransaction(deps.storage, writerOf(actor), async (tx) => {
    const { row } = await lockFetching(tx, snapshot, record, shown !== undefined);
    const reference = new Map(Object.entries(row.one_time_references)).get(name);
    if (reference === undefined) throw invalidField("name", "must be a one-time secret of the bot");
    const { uid, generation } = row;
    if (!(await markFetched(tx, row, name, { id, by: actor.identity }))) {
      throw alreadyFetched(name);
    }
    requireAllowance(deps.storage, actor, uid);
    await tellOf(tx, "fetched", actor, row, { name, credentialId: record.id });
    const fetchId = shown === undefined ? "" : formatFetchId({ uid, generation, id, name });
    return { uid, reference, fetchId };
  });
  await deps.makeKnown([fetched.uid]);
  return { reference: fetched.reference, fetchId: fetched.fetchId };
}

/** Raises the version of a bot of which a fetch was noted or taken back, and writes the audit of it. */
export async function tellOf(
  tx: Tx,
  event: "fetched" | "fetch_returned",
  actor: Actor,
  row: SubjectRow,
  { name, credentialId }: { readonly name: string; readonly credentialId?: string },
): Promise<void> {
  await bumpSubject(tx, row, {}, { shrinks: false });
  const identity = identityOf(row);
  const detail = { name, generation: row.generation };
  await appendAudit(tx, [{ event, actor, credentialId, identity, realm: row.realm, detail }]);
}

function managedRecord(
  snapshot: Snapshot,
  actor: Actor,
  shown: CredentialRecord,
): CredentialRecord {
  if (actor.record !== undefined) {
    throw credentialRefused(`the bearer of a ${actor.record.kind} token shows no other token`);
  }
  // Not even that the token is right may those know who do not manage the bot.
  if (shown.kind === "boot" && mayManage(snapshot, actor, shown.subject.realm)) return shown;
  throw shownRefused("the peer does not manage the bots of its realm, or it is no boot token");
}

async function lockFetching(
  tx: Tx,
  snapshot: Snapshot,
  record: CredentialRecord,
  isShown: boolean,
): Promise<LockedBearer> {
  try {
    const bearer = await lockBearer(tx, snapshot, record);
    requireUse("boot", bearer);
    return bearer;
  } catch (error) {
    const isRefusal = error instanceof DomainError && error.reason === "CREDENTIAL_REQUIRED";
    throw isShown && isRefusal ? shownRefused(error.message) : error;
  }
}

function alreadyFetched(name: string): DomainError {
  const message = `the one-time secret ${quote(name)} was fetched in this generation of the bot`;
  return new DomainError("ALREADY_FETCHED", message, { name });
}
