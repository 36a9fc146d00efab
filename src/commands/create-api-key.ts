import { DomainError } from "../domain/errors.ts";
import type { Identity } from "../domain/identity.ts";
import { readApiKeys } from "../storage/read-tables.ts";
import { writeChange } from "../storage/write-change.ts";
import { isLive, mintApiKey, type ApiKeyView, type NewApiKey } from "./api-key.ts";
import { makeLive, tokenOf, type CommandDeps } from "./deps.ts";
import { checkRequestId, checkText, requestHash } from "./input.ts";

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
 * SECRET_ALREADY_SHOWN, REQUEST_ID_REUSED, WRITE_CONFLICT or STORAGE_UNAVAILABLE.
 */
export async function createApiKey(
  deps: CommandDeps,
  author: Identity,
  input: NewApiKey & { readonly requestId: string; readonly reason: string },
): Promise<CreatedApiKey> {
  checkRequestId(input.requestId);
  checkText("reason", input.reason);
  const { key, token } = mintApiKey(deps, author, input);
  const result = await writeChange(
    deps.storage,
    {
      author,
      reason: input.reason,
      requestId: input.requestId,
      requestHash: hashOf(input),
    },
    async (tx) => {
      const keys = await readApiKeys(tx);
      const now = deps.clock();
      if (keys.filter((other) => isLive(other, now)).length >= maxLiveKeys) {
        throw new DomainError("LIMIT_EXCEEDED", `there are ${maxLiveKeys} live keys; revoke some`, {
          limit: "api_keys",
        });
      }
      return {
        source: undefined,
        changes: [{ kind: "api_key", key: key.id, before: undefined, after: key }],
      };
    },
  );
  if (result.kind === "repeated") throw alreadyShown(input.requestId, result.changes[0]?.key ?? "");
  await makeLive(deps);
  return { apiKey: { ...key, lastUsedAt: null }, token, revisionToken: tokenOf(result) };
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
