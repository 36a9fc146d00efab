import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate, timestampFromMs } from "@bufbuild/protobuf/wkt";
import type { TermsInput } from "../../commands/task/registration.ts";
import type { ClaimState as ClaimStateWord } from "../../domain/credential/claim-states.ts";
import {
  ClaimState,
  type ClaimSchema,
  type ClaimTerms,
} from "../../gen/fleetgate/credential/v1/claim_service_pb.ts";
import type { ClaimRefusalCount } from "../../storage/credential/claim-refusals.ts";
import type { ClaimSummary } from "../../storage/credential/claims.ts";
import { durationMs } from "./duration-ms.ts";
import { toTrust } from "./task-message.ts";

const claimStateMessages: Readonly<Record<ClaimStateWord, ClaimState>> = {
  pending: ClaimState.PENDING,
  claimed: ClaimState.CLAIMED,
  expired: ClaimState.EXPIRED,
  canceled: ClaimState.CANCELED,
  failed: ClaimState.FAILED,
  superseded: ClaimState.SUPERSEDED,
};

/** A claim as the contract has it. */
export function toClaimMessage(
  { uid: claimId, deadline, openedAt, endedAt, state, ...claim }: ClaimSummary,
  refusals: readonly ClaimRefusalCount[] = [],
): MessageInitShape<typeof ClaimSchema> {
  const { jobId, realm, opener, credentialId, executor, payload, claimedFrom } = claim;
  const { taskUid, taskCredentialId, error, supersededBy, version } = claim;
  return {
    ...{ claimId, jobId, realm, opener, credentialId, executor, payload, claimedFrom },
    ...{ taskUid, taskCredentialId, error, supersededBy, version },
    state: claimStateMessages[state],
    deadline: timestampFromMs(deadline),
    openedAt: timestampFromMs(openedAt),
    ...(endedAt === undefined ? {} : { endedAt: timestampFromMs(endedAt) }),
    refusals: refusals.map(({ reason, count, lastAt, source }) => ({
      ...{ reason, count, lastAt: timestampFromDate(lastAt), source: source ?? "" },
    })),
  };
}

/** What a request says of the task of a claim; undefined: nothing. */
export function toTermsInput(terms: ClaimTerms | undefined): TermsInput | undefined {
  if (terms === undefined) return undefined;
  const { timeLimit, trust, ...said } = terms;
  return { ...said, timeLimitMs: durationMs(timeLimit), trust: toTrust(trust) };
}
