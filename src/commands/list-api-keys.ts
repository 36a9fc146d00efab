import { invalidField } from "../domain/errors.ts";
import { foldIdentity, identityRule, parseIdentity, type Identity } from "../domain/identity.ts";
import type { ApiKeyBody } from "../domain/entity.ts";
import { readKeyUse } from "../storage/api-key-use.ts";
import { isLive, type ApiKeyView } from "./api-key.ts";
import { usableState, type CommandDeps } from "./deps.ts";
import { requestedPageSize } from "./page-size.ts";
import { formatPageToken, parsePageToken, type PageScope } from "./page-token.ts";

/** One page of keys, by id. */
export interface ApiKeyPage {
  readonly apiKeys: readonly ApiKeyView[];
  /** Empty on the last page. */
  readonly nextPageToken: string;
  readonly revisionToken: string;
}

/** Which keys to list; see ApiKeyService.List. */
export interface ListApiKeysInput {
  readonly pageSize: number;
  readonly pageToken: string;
  readonly identity: string;
  readonly showEnded: boolean;
}

/** Lists keys by id. Fails with INVALID_FIELD, PAGE_TOKEN_INVALID or STORAGE_UNAVAILABLE. */
export async function listApiKeys(
  deps: CommandDeps,
  peer: Identity,
  input: ListApiKeysInput,
): Promise<ApiKeyPage> {
  const size = requestedPageSize(input.pageSize);
  const owner = wantedOwner(input.identity);
  const state = usableState(deps);
  const scope: PageScope = {
    tokenKey: state.tokenKey,
    query: ["ApiKeyService/List", owner ?? "", input.showEnded],
    peer,
    revision: state.revision,
  };
  const after = input.pageToken === "" ? "" : parsePageToken(scope, input.pageToken);
  const now = deps.clock();
  const matching = [...state.apiKeys.values()]
    .filter((key) => key.id > after && isWanted(key, owner, input.showEnded, now))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  const page = matching.slice(0, size);
  const used = await readKeyUse(
    deps.storage,
    page.map((key) => key.id),
  );
  const last = page.at(-1);
  return {
    apiKeys: page.map((key) => ({ ...key, lastUsedAt: used.get(key.id)?.toISOString() ?? null })),
    nextPageToken:
      matching.length > size && last !== undefined ? formatPageToken(scope, last.id) : "",
    revisionToken: state.revisionToken,
  };
}

function wantedOwner(text: string): Identity | undefined {
  if (text === "") return undefined;
  const identity = parseIdentity(text);
  if (identity === undefined) throw invalidField("identity", identityRule);
  return foldIdentity(identity);
}

function isWanted(
  key: ApiKeyBody,
  owner: Identity | undefined,
  showEnded: boolean,
  now: Date,
): boolean {
  if (!showEnded && !isLive(key, now)) return false;
  return owner === undefined || foldIdentity(key.identity as Identity) === owner;
}
