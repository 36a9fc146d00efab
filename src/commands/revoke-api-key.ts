import type { ApiKeyBody, EntityChange } from "../domain/entity.ts";
import { DomainError } from "../domain/errors.ts";
import type { Identity } from "../domain/identity.ts";
import { quote } from "../domain/quote.ts";
import { readKeyUse } from "../storage/api-key-use.ts";
import { readApiKeys } from "../storage/read-tables.ts";
import { writeChange } from "../storage/write-change.ts";
import type { ApiKeyView } from "./api-key.ts";
import { makeLive, tokenOf, type CommandDeps } from "./deps.ts";
import { checkRequestId, checkText, requestHash } from "./input.ts";

/** A key that is revoked. */
export interface RevokedApiKey {
  readonly apiKey: ApiKeyView;
  readonly revisionToken: string;
}

/**
 * Revokes an API key; revoking twice changes nothing. Fails with INVALID_FIELD, NOT_FOUND,
 * REQUEST_ID_REUSED, WRITE_CONFLICT or STORAGE_UNAVAILABLE.
 */
export async function revokeApiKey(
  deps: CommandDeps,
  author: Identity,
  input: { readonly id: string; readonly requestId: string; readonly reason: string },
): Promise<RevokedApiKey> {
  const { id, requestId, reason } = input;
  checkRequestId(requestId);
  checkText("reason", reason);
  checkText("id", id);
  let revoked: ApiKeyBody | undefined;
  const result = await writeChange(
    deps.storage,
    {
      author,
      reason,
      requestId,
      requestHash: requestHash("ApiKeyService/Revoke", [id, reason]),
    },
    async (tx) => {
      const keys = await readApiKeys(tx);
      const key = keys.find((candidate) => candidate.id === id);
      if (key === undefined) {
        throw new DomainError("NOT_FOUND", `there is no API key ${quote(id)}`, {
          kind: "api_key",
          name: id,
        });
      }
      revoked = key.revokedAt === null ? { ...key, revokedAt: deps.clock().toISOString() } : key;
      return { source: undefined, changes: changesOf(key, revoked) };
    },
  );
  if (result.kind === "committed") await makeLive(deps);
  const body = revoked ?? repeatedBody(result.changes);
  const used = await readKeyUse(deps.storage, [body.id]);
  return {
    apiKey: { ...body, lastUsedAt: used.get(body.id)?.toISOString() ?? null },
    revisionToken: tokenOf(result),
  };
}

function changesOf(before: ApiKeyBody, after: ApiKeyBody): readonly EntityChange[] {
  return before === after ? [] : [{ kind: "api_key", key: before.id, before, after }];
}

function repeatedBody(changes: readonly EntityChange[]): ApiKeyBody {
  const change = changes[0];
  if (change?.kind !== "api_key" || change.after === undefined) {
    throw new DomainError("INTERNAL_FAULT", "the change log does not hold what was revoked");
  }
  return change.after;
}
