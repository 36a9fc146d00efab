import { createHash } from "node:crypto";
import { formatBearerToken } from "../../../src/domain/bearer-token.ts";
import type { ApiKeyBody } from "../../../src/domain/entity.ts";

/** A key for tests, with its token. The same seed makes the same key. */
export interface TestKey {
  readonly body: ApiKeyBody;
  readonly token: string;
}

/** The instant at which the clock of the tests stands. */
export const now = new Date("2026-06-01T12:00:00Z");

/** Makes the key of an identity. */
export function makeKey(identity: string, changes: Partial<ApiKeyBody> = {}): TestKey {
  const digest = createHash("sha512").update(identity).digest("base64url");
  const id = digest.slice(0, 16);
  const secret = digest.slice(16, 59);
  const body: ApiKeyBody = {
    id,
    identity,
    description: "",
    secretHash: createHash("sha256").update(secret).digest("hex"),
    createdAt: "2026-01-01T00:00:00.000Z",
    createdBy: "user:root@example.com",
    expiresAt: null,
    revokedAt: null,
    ...changes,
  };
  return { body, token: formatBearerToken({ kind: "ak", id: body.id, secret }) };
}
