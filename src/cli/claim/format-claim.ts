import {
  ClaimStateSchema,
  type Claim,
  type Claim_Refusal,
} from "../../gen/fleetgate/credential/v1/claim_service_pb.ts";
import { wordOf } from "../enum-words.ts";
import { formatTime } from "../format-time.ts";
import { counted, plain } from "../print.ts";
import { facts } from "../show.ts";

/** A claim, line by line. */
export function formatClaim(claim: Claim): readonly string[] {
  return [
    `claim ${plain(claim.claimId)}`,
    ...facts(
      ["job", plain(claim.jobId)],
      ["realm", plain(claim.realm)],
      ["state", stateOf(claim)],
      ["error", plain(claim.error)],
      ["superseded by", plain(claim.supersededBy)],
      ["deadline", formatTime(claim.deadline, "-")],
      ["opened", `${formatTime(claim.openedAt, "-")} by ${plain(claim.opener)}`],
      ["ended", formatTime(claim.endedAt, "")],
      ["token", plain(claim.credentialId)],
      ["executor", plain(claim.executor)],
      ["payload", plain(claim.payload)],
      ["claimed from", plain(claim.claimedFrom)],
      ["uid of the task", plain(claim.taskUid)],
      ["token of the task", plain(claim.taskCredentialId)],
      ["version", claim.version.toString()],
    ),
    ...claim.refusals.map(formatRefusal),
  ];
}

function formatRefusal({ reason, count, lastAt, source }: Claim_Refusal): string {
  const from = source === "" ? "" : ` from ${plain(source)}`;
  const times = counted(Number(count), "time");
  return `refused: ${plain(reason)}${from}, ${times}, last counted at ${formatTime(lastAt, "-")}`;
}

/** How a claim is, in a word. */
export function stateOf({ state }: Claim): string {
  return wordOf(ClaimStateSchema, state);
}

/** How a claim is, in a line: for who sees many of them pass. */
export function formatChange(claim: Claim): string {
  const { error, supersededBy, claimedFrom } = claim;
  const more = [
    ...(error === "" ? [] : [plain(error)]),
    ...(supersededBy === "" ? [] : [`by ${plain(supersededBy)}`]),
    ...(claimedFrom === "" ? [] : [`from ${plain(claimedFrom)}`]),
    ...(claim.endedAt === undefined ? [`until ${formatTime(claim.deadline, "-")}`] : []),
  ];
  const about = more.length === 0 ? "" : ` (${more.join(", ")})`;
  return `${plain(claim.claimId)} ${plain(claim.jobId)} ${stateOf(claim)}${about}`;
}

/** The header of a table of claims. */
export const claimHeader: readonly string[] = [
  ...["CLAIM", "JOB", "STATE", "DEADLINE", "OPENED", "OPENER"],
];

/** A claim as a row of that table. */
export function toClaimRow(claim: Claim): readonly string[] {
  return [
    plain(claim.claimId),
    plain(claim.jobId),
    stateOf(claim),
    formatTime(claim.deadline, "-"),
    formatTime(claim.openedAt, "-"),
    plain(claim.opener),
  ];
}
