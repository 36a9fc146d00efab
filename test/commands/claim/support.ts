import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import {
  cancelClaim,
  extendClaim,
  reportExecutor,
} from "../../../src/commands/claim/change-claim.ts";
import { getClaim } from "../../../src/commands/claim/get-claim.ts";
import { listClaims, type ListClaimsInput } from "../../../src/commands/claim/list-claims.ts";
import { openClaim, type OpenClaimInput } from "../../../src/commands/claim/open-claim.ts";
import { presentClaim } from "../../../src/commands/claim/present-claim.ts";
import { supersedeClaim } from "../../../src/commands/claim/supersede-claim.ts";
import type { TermsInput } from "../../../src/commands/task/registration.ts";
import { openBookkeeping } from "../../../src/credentials/open-bookkeeping.ts";
import { createClaimBook } from "../../../src/credentials/claim-book.ts";
import type { Actor, CredentialDeps } from "../../../src/credentials/deps.ts";
import { formatBearerToken, parseBearerToken } from "../../../src/domain/bearer-token.ts";
import type { Snapshot } from "../../../src/engine/snapshot.ts";
import type { Storage } from "../../../src/storage/database.ts";
import { hasReason } from "../../support/errors.ts";
import { openTasks, snapshot as usual } from "../task/support.ts";

/** The one answer of whatever is wrong with what is presented. */
export const refused = hasReason("CREDENTIAL_REQUIRED");

/** Good terms; the rest as given. */
export function terms(parts: Partial<TermsInput> = {}): TermsInput {
  return {
    ...{ timeLimitMs: 3_600_000, permissions: [], audiences: [], trust: "trusted", ref: "" },
    ...{ defaultRef: "", delegatedUser: "", dependencies: [], pool: "", awaitingAck: false },
    ...parts,
  };
}

/** A nonce that nobody has. */
export function newNonce(): string {
  return randomUUID();
}

/** The token of a claim with such a secret. */
export function tokenOf(id: string, secret: string): string {
  return formatBearerToken({ kind: "cl", id, secret });
}

/** The commands about claims on a database, and what tests look at. */
export function openClaims(storage: Storage, from = "192.0.2.9") {
  const tasks = openTasks(storage);
  const bookkeeping = openBookkeeping(storage, { everyMs: 0 });
  const book = createClaimBook(bookkeeping);
  const deps: CredentialDeps = { ...tasks.deps, claims: book };
  const by = { source: from, requestId: "p" };
  const present = (
    token: string,
    jobId: string,
    nonce = newNonce(),
    snapshot: Snapshot = usual,
    on: CredentialDeps = deps,
  ) => {
    const parsed = parseBearerToken(token) ?? assert.fail("a token");
    const shown = { credentialId: parsed.id, secret: parsed.secret };
    return presentClaim(on, snapshot, shown, by, { jobId, nonce });
  };
  const claims = {
    tasks,
    storage,
    deps,
    book,
    bookkeeping,
    open: (who: Actor, parts: Partial<OpenClaimInput> = {}, snapshot: Snapshot = usual) =>
      openClaim(deps, snapshot, who, {
        ...{ claimId: randomUUID(), jobId: `j-${randomUUID()}`, realm: "acme:ci" },
        ...{ ttlMs: undefined, terms: terms(), executor: "", payload: "what to do", ...parts },
      }),
    present,
    get: async (who: Actor, claimId: string) => (await getClaim(deps, usual, who, claimId)).claim,
    refusals: async (who: Actor, claimId: string) => {
      await bookkeeping.flush();
      const { refusals } = await getClaim(deps, usual, who, claimId);
      return refusals.map(({ reason, count, source }) => `${reason} ${count} ${source ?? ""}`);
    },
    list: (who: Actor, input: Partial<ListClaimsInput> = {}) =>
      listClaims(deps, usual, who, {
        ...{ realm: "acme:ci", jobId: "", showEnded: false, pageSize: 0, pageToken: "", ...input },
      }),
    extend: (who: Actor, claimId: string, ttlMs: number | "none" = 60_000) =>
      extendClaim(deps, usual, who, { claimId, ttlMs: ttlMs === "none" ? undefined : ttlMs }),
    supersede: (who: Actor, claimId: string, newClaimId: string = randomUUID(), executor = "") =>
      supersedeClaim(deps, usual, who, { claimId, newClaimId, ttlMs: undefined, executor }),
    cancel: (who: Actor, claimId: string) => cancelClaim(deps, usual, who, { claimId }),
    report: (who: Actor, claimId: string, error = "") =>
      reportExecutor(deps, usual, who, { claimId, error }),
    /** Lets so many milliseconds pass, as far as one claim is concerned: all its times move back. */
    pass: async (claimId: string, ms: number): Promise<void> => {
      const by = sql`${ms}::float8 * interval '1 millisecond'`;
      await sql`
        update claim set deadline = deadline - ${by}, opened_at = opened_at - ${by}, ended_at = ended_at - ${by}
        where uid = ${claimId}
      `.execute(storage.db);
    },
    audit: async (jobId: string) =>
      (await tasks.audit(jobId)).map(({ event, reason }) => [event, reason].join(" ").trim()),
    /** The ids of the tokens of a task that are not revoked. */
    liveTokens: async (taskUid: string) => {
      const rows = await storage.db
        .selectFrom("credential")
        .select("id")
        .where("subject_uid", "=", taskUid)
        .where("kind", "=", "task")
        .where("revoked_at", "is", null)
        .execute();
      return rows.map(({ id }) => id);
    },
  };
  return claims;
}

/** The commands of a test. */
export type TestClaims = ReturnType<typeof openClaims>;
