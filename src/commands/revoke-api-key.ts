import type { ApiKeyBody, EntityChange } from "../domain/entity.ts";
import { DomainError } from "../domain/errors.ts";
import type { Identity } from "../domain/identity.ts";
import { quote } from "../domain/quote.ts";
import { readKeyUse } from "../storage/api-key-use.ts";
import type { ApiKeyView } from "./api-key.ts";
import { freshState, type CommandDeps } from "./deps.ts";
import { lockOutGuards } from "./guards.ts";
import { checkText, requestHash } from "./input.ts";
import { planChange } from "./plan-change.ts";

/** A key that is revoked. */
export interface RevokedApiKey {
  readonly apiKey: ApiKeyView;
  readonly revisionToken: string;
}

/**
 * Revokes an API key; revoking twice changes nothing. Fails with INVALID_FIELD, NOT_FOUND,
 * and as planChange does.
 */
export async function revokeApiKey(
  deps: CommandDeps,
  author: Identity,
  input: { readonly id: string; readonly requestId: string; readonly reason: string },
): Promise<RevokedApiKey> {
  const { id, requestId, reason } = input;
  checkText("id", id);
  const request = {
    author,
    reason,
    requestId,
    requestHash: requestHash("ApiKeyService/Revoke", [id, reason]),
    validateOnly: false,
  };
  const outcome = await planChange(
    deps,
    { ...request, guards: lockOutGuards, effects: "none" },
    (state) => {
      const key = state.apiKeys.get(id);
      if (key === undefined) throw notFound(id);
      const revoked =
        key.revokedAt === null ? { ...key, revokedAt: deps.clock().toISOString() } : key;
      return { source: undefined, changes: changesOf(key, revoked), found: revoked };
    },
  );
  const body = outcome.found ?? (await repeatedBody(deps, id, outcome.changes));
  const used = await readKeyUse(deps.storage, [body.id]);
  return {
    apiKey: { ...body, lastUsedAt: used.get(body.id)?.toISOString() ?? null },
    revisionToken: outcome.revisionToken,
  };
}

function notFound(id: string): DomainError {
  return new DomainError("NOT_FOUND", `there is no API key ${quote(id)}`, {
    kind: "api_key",
    name: id,
  });
}

function changesOf(before: ApiKeyBody, after: ApiKeyBody): readonly EntityChange[] {
  return before === after ? [] : [{ kind: "api_key", key: before.id, before, after }];
}

async function repeatedBody(
  deps: CommandDeps,
  id: string,
  changes: readonly EntityChange[],
): Promise<ApiKeyBody> {
  const [change] = changes;
  if (change?.kind === "api_key" && change.after !== undefined) return change.after;
  // It found the key revoked already; keys stay for ever.
  const key = (await freshState(deps)).apiKeys.get(id);
  if (key === undefined) throw notFound(id);
  return key;
}
