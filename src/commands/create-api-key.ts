import type { EntityChange } from "../domain/entity.ts";
import { DomainError } from "../domain/errors.ts";
import type { Identity } from "../domain/identity.ts";
import type { ReplicaState } from "../replica/state.ts";
import { isLive, mintApiKey, type ApiKeyView, type NewApiKey } from "./api-key.ts";
import type { CommandDeps } from "./deps.ts";
import { lockOutGuards } from "./guards.ts";
import { requestHash } from "./input.ts";
import { planChange } from "./plan-change.ts";

/** The most keys that may be live at once. */
export const maxLiveKeys = 10_000;

/** A key that was just made, with its token. */
export interface CreatedApiKey {
  readonly apiKey: ApiKeyView;
  /** The bearer token. A secret: shown once, kept nowhere. */
  readonly token: string;
  readonly revisionToken: string;
}

/**
 * Creates an API key and makes it live in this process. Fails with INVALID_FIELD, LIMIT_EXCEEDED,
 * SECRET_ALREADY_SHOWN, and as planChange does.
 */
export async function createApiKey(
  deps: CommandDeps,
  author: Identity,
  input: NewApiKey & { readonly requestId: string; readonly reason: string },
): Promise<CreatedApiKey> {
  const { reason, requestId } = input;
  const { key, token } = mintApiKey(deps, author, input);
  const request = { author, reason, requestId, requestHash: hashOf(input), validateOnly: false };
  const outcome = await planChange(
    deps,
    { ...request, guards: lockOutGuards, effects: "none" },
    (state) => {
      checkKeyCount(state, deps.clock());
      const change: EntityChange = {
        kind: "api_key",
        key: key.id,
        before: undefined,
        after: key,
      };
      return { source: undefined, changes: [change], found: undefined };
    },
  );
  if (outcome.kind === "repeated") throw alreadyShown(requestId, outcome.changes[0]?.key ?? "");
  return { apiKey: { ...key, lastUsedAt: null }, token, revisionToken: outcome.revisionToken };
}

function checkKeyCount({ apiKeys }: ReplicaState, now: Date): void {
  let live = 0;
  for (const key of apiKeys.values()) if (isLive(key, now)) live += 1;
  if (live < maxLiveKeys) return;
  throw new DomainError("LIMIT_EXCEEDED", `there are ${maxLiveKeys} live keys; revoke some`, {
    limit: "api_keys",
  });
}

function alreadyShown(requestId: string, keyId: string): DomainError {
  return new DomainError(
    "SECRET_ALREADY_SHOWN",
    `this request created key ${keyId} before, and its token is kept nowhere; revoke it and create another`,
    { request_id: requestId, key_id: keyId },
  );
}

function hashOf(input: NewApiKey & { readonly reason: string }): string {
  const { identity, description, ttlSeconds, noExpiry, reason } = input;
  return requestHash("ApiKeyService/Create", [
    identity,
    description,
    ttlSeconds ?? null,
    noExpiry,
    reason,
  ]);
}
