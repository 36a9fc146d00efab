import type { ServiceImpl } from "@connectrpc/connect";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { cancelClaim, extendClaim, reportExecutor } from "../../commands/claim/change-claim.ts";
import { createClaimBoard } from "../../commands/claim/claim-board.ts";
import { getClaim } from "../../commands/claim/get-claim.ts";
import { listClaims } from "../../commands/claim/list-claims.ts";
import { openClaim } from "../../commands/claim/open-claim.ts";
import { supersedeClaim } from "../../commands/claim/supersede-claim.ts";
import type { ClaimService } from "../../gen/fleetgate/credential/v1/claim_service_pb.ts";
import type { RpcDeps } from "../deps.ts";
import { beginCredentialCall } from "./begin-credential-call.ts";
import { toClaimMessage, toTermsInput } from "./claim-message.ts";
import { durationMs } from "./duration-ms.ts";
import { answerPresented } from "./present-claim.ts";
import { watchClaims } from "./watch-claims.ts";
import { createWatchSlots, maxWatches } from "./watch-slots.ts";

/** The implementation of ClaimService. */
export function claimRoutes(deps: RpcDeps): ServiceImpl<typeof ClaimService> {
  const takeSlot = createWatchSlots(maxWatches, "claims");
  const commands = deps.credentials?.commands;
  const board = commands && createClaimBoard(commands);
  const tlsFingerprint = (): string => deps.tlsFingerprint?.() ?? "";
  return {
    openClaim: async ({ ttl, terms, ...said }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const input = { ...said, ttlMs: durationMs(ttl), terms: toTermsInput(terms) };
      const { claim, token } = await openClaim(area.commands, snapshot, actor, input);
      return { claim: toClaimMessage(claim), token, tlsFingerprint: tlsFingerprint() };
    },
    presentClaim: async (request, context) => {
      const { claim, task, token, credentialId } = await answerPresented(deps, request, context);
      return {
        ...{ token, credentialId, taskUid: task.uid, payload: claim.payload },
        deadline: timestampFromMs(task.deadline),
      };
    },
    getClaim: async ({ claimId }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const { claim, refusals } = await getClaim(area.commands, snapshot, actor, claimId);
      return { claim: toClaimMessage(claim, refusals) };
    },
    listClaims: async (request, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const { claims, nextPageToken } = await listClaims(area.commands, snapshot, actor, request);
      return { claims: claims.map((claim) => toClaimMessage(claim)), nextPageToken };
    },
    watchClaims: ({ claimIds }, context) =>
      watchClaims(deps, { takeSlot, board }, claimIds, context),
    extendClaim: async ({ claimId, ttl }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const input = { claimId, ttlMs: durationMs(ttl) };
      return { claim: toClaimMessage(await extendClaim(area.commands, snapshot, actor, input)) };
    },
    supersedeClaim: async ({ ttl, claimId, newClaimId, executor }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const input = { claimId, newClaimId, executor, ttlMs: durationMs(ttl) };
      const { claim, token } = await supersedeClaim(area.commands, snapshot, actor, input);
      return { claim: toClaimMessage(claim), token, tlsFingerprint: tlsFingerprint() };
    },
    cancelClaim: async ({ claimId }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const canceled = await cancelClaim(area.commands, snapshot, actor, { claimId });
      return { claim: toClaimMessage(canceled) };
    },
    reportExecutor: async ({ claimId, error }, context) => {
      const { area, snapshot, actor } = beginCredentialCall(deps, context);
      const input = { claimId, error };
      return { claim: toClaimMessage(await reportExecutor(area.commands, snapshot, actor, input)) };
    },
  };
}
