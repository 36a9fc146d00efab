import type { MessageInitShape } from "@bufbuild/protobuf";
import type { HandlerContext } from "@connectrpc/connect";
import { mayHandleClaim, noSuchClaim } from "../../commands/claim/claim-access.ts";
import type { ClaimBoard } from "../../commands/claim/claim-board.ts";
import { readOwnClaims } from "../../commands/claim/get-claim.ts";
import { requestedUuid } from "../../commands/credential/fields.ts";
import { writerOf } from "../../commands/credential/writer-of.ts";
import { invalidField } from "../../domain/errors.ts";
import {
  ClaimService,
  type WatchClaimsResponseSchema,
} from "../../gen/fleetgate/credential/v1/claim_service_pb.ts";
import { resolveAgain } from "../admission/judge-credential.ts";
import { callOf } from "../call.ts";
import type { RpcDeps } from "../deps.ts";
import { failCall } from "../fail-call.ts";
import { createAlarm } from "./alarm.ts";
import { beginCredentialCall } from "./begin-credential-call.ts";
import { toClaimMessage } from "./claim-message.ts";
import { createToldClaims } from "./told-claims.ts";
import type { TakeSlot } from "./watch-slots.ts";

type Message = MessageInitShape<typeof WatchClaimsResponseSchema>;

/** How many claims one stream watches. */
export const maxWatchedClaims = 1_000;

/** How often a stream looks whether its peer may still have it, in milliseconds. */
const lookMs = 1_000;

/** What watching takes beside the floor. */
export interface WatchClaimsDeps {
  readonly takeSlot: TakeSlot;
  /** Undefined: this server keeps no credentials. */
  readonly board: ClaimBoard | undefined;
}

/**
 * Tells how claims are, at once and whenever one has changed, and ends when all are over. Says nothing while the database is away. Ends when
 * the peer's credential does, and with PERMISSION_REQUIRED when one of the claims is none of the peer's, or is no more.
 */
export async function* watchClaims(
  deps: RpcDeps,
  watching: WatchClaimsDeps,
  claimIds: readonly string[],
  context: HandlerContext,
): AsyncGenerator<Message> {
  try {
    yield* messages(deps, watching, claimIds, context);
  } catch (error) {
    throw failCall(callOf(context.values), ClaimService, error);
  }
}

async function* messages(
  deps: RpcDeps,
  { takeSlot, board }: WatchClaimsDeps,
  claimIds: readonly string[],
  context: HandlerContext,
): AsyncGenerator<Message> {
  const { signal } = context;
  const { area, actor, snapshot } = beginCredentialCall(deps, context);
  const uids = requestedClaims(claimIds);
  const release = takeSlot(writerOf(actor).peer, uids.length);
  const alarm = createAlarm(signal);
  let stop: (() => void) | undefined;
  try {
    const claims = await readOwnClaims(area.commands, snapshot, actor, uids);
    const told = createToldClaims(claims, () => performance.now());
    const watch = board?.watch(claims, alarm.ring);
    stop = watch?.close;
    while (!signal.aborted) {
      await resolveAgain(deps, callOf(context.values));
      const now = beginCredentialCall(deps, context);
      for (const claim of told.all()) {
        if (!mayHandleClaim(now.snapshot, now.actor, claim)) {
          throw noSuchClaim(now.snapshot, now.actor, claim.uid);
        }
      }
      told.note(watch?.take() ?? []);
      for (const claim of told.due(watch?.isFollowed() === true))
        yield { claim: toClaimMessage(claim) };
      if (told.isOver()) return;
      await alarm.wait(lookMs);
    }
  } finally {
    stop?.();
    release();
    alarm.close();
  }
}

function requestedClaims(claimIds: readonly string[]): readonly string[] {
  if (claimIds.length < 1 || claimIds.length > maxWatchedClaims) {
    throw invalidField("claim_ids", "must be 1 to 1,000");
  }
  const uids = claimIds.map((text, index) => requestedUuid(`claim_ids[${index}]`, text));
  if (new Set(uids).size < uids.length) throw invalidField("claim_ids", "must each be there once");
  return uids;
}
