import { randomBytes } from "node:crypto";
import { sql } from "kysely";
import type { EntityChange } from "../../domain/entity.ts";
import { DomainError, invalidField } from "../../domain/errors.ts";
import { identityKind, identityRule, parseIdentity } from "../../domain/identity.ts";
import { translateStorageError } from "../errors.ts";
import { readApiKeys } from "../read-tables.ts";
import type { Db, Storage } from "../storage.ts";
import { inReadTransaction } from "../transaction.ts";
import { writeChange } from "../write-change.ts";
import { eraseChanges, eraseItems } from "./erase-rows.ts";
import { findMentions, type LogMentions } from "./find-mentions.ts";
import { createIdentityText, type IdentityText } from "./identity-text.ts";
import { readPresentMentions } from "./present-mentions.ts";

/** Whom to erase, and what the log will say about it. */
export interface EraseInput {
  readonly identity: string;
  /** Who does it. */
  readonly author: string;
  /** Why; must not name the person. */
  readonly reason: string;
  /** Only count. */
  readonly dryRun: boolean;
  /** Told how many rows of the log were looked through. */
  readonly onProgress?: (rows: number) => void;
}

/** What was erased, or would be. */
export interface Erased {
  /** What stands for the person now; only the kind and chance are in it. */
  readonly pseudonym: string;
  /** How many items of the log named the person, */
  readonly items: number;
  /** and how many changes by author or reason. */
  readonly changes: number;
  /** How many API keys that had ended, or that the person made, name the pseudonym now. */
  readonly apiKeys: number;
  /** How many accepted restores name it. */
  readonly restores: number;
  /** The revision of the entry that tells of it; undefined for a dry run. */
  readonly revision: bigint | undefined;
}

/**
 * Replaces an identity by a pseudonym in all that the database keeps of the past: items, authors, reasons, requests,
 * ended API keys. The hashes of what is erased stay, so that the chain can be verified; their salts go, so
 * that nobody can try names on them. Writes an entry of its own that does not say whom. All or nothing; other
 * writers wait only while the found rows are written. Throws a DomainError: IN_USE while the present state names
 * the person, INVALID_FIELD, WRITE_CONFLICT, STORAGE_UNAVAILABLE.
 */
export async function eraseIdentity(storage: Storage, input: EraseInput): Promise<Erased> {
  const identity = readIdentity(input);
  const pseudonym = `${identityKind(identity)}:erased-${randomBytes(6).toString("hex")}`;
  const text = createIdentityText(identity, pseudonym);
  if (text.mentions(input.reason)) throw invalidField("reason", "must not name the person");
  if (text.mentions(input.author)) throw invalidField("author", "must not be the person");
  try {
    const { revision: scanned } = await readRevision(storage.db);
    // The long look through the log comes first, while others go on writing.
    const found = await findMentions(storage.db, text, 0n, input.onProgress);
    if (input.dryRun) {
      return await inReadTransaction(storage, async (tx) => {
        await refuseIfPresent(tx, text);
        return { ...tell(pseudonym, found, await rename(tx, text)), revision: undefined };
      });
    }
    return await write(storage, input, text, pseudonym, scanned, found);
  } catch (error) {
    throw translateStorageError(error);
  }
}

function readIdentity({ identity }: EraseInput): NonNullable<ReturnType<typeof parseIdentity>> {
  const parsed = parseIdentity(identity);
  if (parsed === undefined) throw invalidField("identity", identityRule);
  if (identityKind(parsed) === "anonymous") {
    throw invalidField("identity", "must not be anonymous, which is nobody in particular");
  }
  return parsed;
}

async function write(
  storage: Storage,
  input: EraseInput,
  text: IdentityText,
  pseudonym: string,
  scanned: bigint,
  found: LogMentions,
): Promise<Erased> {
  const done: { erased?: Omit<Erased, "revision"> } = {};
  const { author, reason } = input;
  const meta = { author, reason, requestId: "", requestHash: "" };
  const result = await writeChange(storage, meta, async (tx) => {
    await refuseIfPresent(tx, text);
    const since = await findMentions(tx, text, scanned);
    const items = await eraseItems(tx, text, [...found.items, ...since.items]);
    const changes = await eraseChanges(tx, text, [...found.changes, ...since.changes], items);
    const renamed = await rename(tx, text);
    done.erased = tell(pseudonym, { items, changes }, renamed);
    return { source: undefined, changes: renamed, evenIfEmpty: true };
  });
  if (done.erased === undefined) throw new Error("an erasure was not planned");
  return { ...done.erased, revision: result.revision };
}

function tell(
  pseudonym: string,
  found: LogMentions,
  renamed: readonly EntityChange[],
): Omit<Erased, "revision"> {
  const of = (kind: EntityChange["kind"]): number =>
    renamed.filter((change) => change.kind === kind).length;
  return {
    pseudonym,
    items: found.items.length,
    changes: found.changes.length,
    apiKeys: of("api_key"),
    restores: of("accepted_restore"),
  };
}

async function readRevision(db: Db): Promise<{ readonly revision: bigint }> {
  return db.selectFrom("database").select("revision").executeTakeFirstOrThrow();
}

async function refuseIfPresent(db: Db, text: IdentityText): Promise<void> {
  const mentions = await readPresentMentions(db, text);
  if (mentions.length === 0) return;
  const places = mentions.slice(0, shownPlaces).map(({ place }) => place);
  if (mentions.length > shownPlaces) places.push("more besides");
  throw new DomainError(
    "IN_USE",
    `the identity is ${places.join("; ")}: take it away from there first, then erase what is past`,
    { places: places.join("; ") },
  );
}

/** How many places an error names. */
const shownPlaces = 10;

/**
 * The changes that give API keys and accepted restores the pseudonym. Both sides of their items hold it: the log must
 * not name the person again, and the items before them do not any more.
 */
async function rename(db: Db, text: IdentityText): Promise<readonly EntityChange[]> {
  const changes: EntityChange[] = [];
  const add = (change: EntityChange): void => {
    const { after } = change;
    const body = text.replaceJson(after) as typeof after;
    if (JSON.stringify(body) === JSON.stringify(after)) return;
    changes.push({ ...change, before: body, after: body } as EntityChange);
  };
  for (const key of await readApiKeys(db)) {
    add({ kind: "api_key", key: key.id, before: undefined, after: key });
  }
  const { rows } = await sql<{ id: string; at: Date; author: string; reason: string }>`
    select id::text as id, at, author, reason from accepted_restore order by id
  `.execute(db);
  for (const row of rows) {
    const body = { ...row, at: row.at.toISOString() };
    add({ kind: "accepted_restore", key: row.id, before: undefined, after: body });
  }
  return changes;
}
