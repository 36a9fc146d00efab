import type { Actor, CredentialDeps } from "../../credentials/deps.ts";
import { DomainError } from "../../domain/errors.ts";
import type { Snapshot } from "../../engine/snapshot.ts";
import { readBotsOfRealm } from "../../storage/credential/bots.ts";
import { retrying } from "../../storage/transaction.ts";
import { requestedPageSize } from "../page-size.ts";
import { formatPageToken, parsePageToken, type PageScope } from "../page-token.ts";
import { refuseBearers, requireManager } from "./bot-access.ts";
import { toBot, type Bot } from "./bot.ts";

/** One page of bots, by id. */
export interface BotPage {
  readonly bots: readonly Bot[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
}

/** Lists the bots of a realm by id. Fails with INVALID_FIELD, PERMISSION_REQUIRED and PAGE_TOKEN_INVALID. */
export async function listBots(
  { storage, replica }: CredentialDeps,
  snapshot: Snapshot,
  actor: Actor,
  input: { readonly realm: string; readonly pageSize: number; readonly pageToken: string },
): Promise<BotPage> {
  refuseBearers(actor);
  const { realm, pageToken } = input;
  requireManager(snapshot, actor, realm);
  const size = requestedPageSize(input.pageSize);
  const tokenKey = replica.current()?.tokenKey;
  if (tokenKey === undefined) throw new DomainError("STORAGE_UNAVAILABLE", "no usable snapshot");
  // Bots are part of no revision: a bot that comes or goes between two pages is listed or not, and no other is missed.
  const query = ["BotService/ListBots", realm];
  const scope: PageScope = { tokenKey, query, peer: actor.identity, revision: 0n };
  const after = pageToken === "" ? "" : parsePageToken(scope, pageToken);
  const rows = await retrying(() => readBotsOfRealm(storage.db, realm, after, size + 1));
  const page = rows.slice(0, size);
  const last = page.at(-1);
  const isLast = rows.length <= size || last === undefined;
  return {
    bots: page.map(toBot),
    nextPageToken: isLast ? "" : formatPageToken(scope, last.subject_id),
  };
}
