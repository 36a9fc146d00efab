import { DomainError } from "../domain/errors.ts";
import type { Tx } from "./storage.ts";

/** What makes a request known again. */
export interface RequestMeta {
  readonly author: string;
  /** Empty: the request is not remembered. */
  readonly requestId: string;
  readonly requestHash: string;
}

/** What an earlier request came to. */
export interface RememberedRequest {
  /** The revision that it made, or at which it found nothing to change. */
  readonly revision: bigint;
  readonly changed: boolean;
}

/** What this very request came to before, or undefined. Throws REQUEST_ID_REUSED. */
export async function recallRequest(
  tx: Tx,
  meta: RequestMeta,
): Promise<RememberedRequest | undefined> {
  if (meta.requestId === "") return undefined;
  const found = await tx
    .selectFrom("request")
    .select(["request_hash", "revision", "changed"])
    .where("author", "=", meta.author)
    .where("request_id", "=", meta.requestId)
    .executeTakeFirst();
  if (found === undefined) return undefined;
  if (found.request_hash !== meta.requestHash) {
    throw new DomainError(
      "REQUEST_ID_REUSED",
      "request_id: was used before for another request; choose a new one",
      { request_id: meta.requestId },
    );
  }
  return { revision: found.revision, changed: found.changed };
}

/** Remembers what a request came to, unless it has no id. */
export async function rememberRequest(
  tx: Tx,
  { author, requestId, requestHash }: RequestMeta,
  { revision, changed }: RememberedRequest,
): Promise<void> {
  if (requestId === "") return;
  await tx
    .insertInto("request")
    .values({ author, request_id: requestId, request_hash: requestHash, revision, changed })
    .execute();
}
