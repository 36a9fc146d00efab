import type { Credential } from "../../gen/fleetgate/credential/v1/credential_service_pb.ts";
import { CredentialKindSchema } from "../../gen/fleetgate/credential/v1/subject_pb.ts";
import { wordOf } from "../enum-words.ts";
import { formatTime } from "../format-time.ts";
import { plain } from "../print.ts";
import { facts } from "../show.ts";

/** The header of a table of credentials. */
export const credentialHeader: readonly string[] = ["ID", "KIND", "STATE", "ISSUED", "LAST USED"];

/** A credential as a row of that table. */
export function toCredentialRow(credential: Credential): readonly string[] {
  return [
    plain(credential.credentialId),
    formatKind(credential),
    formatEnd(credential),
    formatTime(credential.issuedAt, "-"),
    formatTime(credential.lastUsedAt, "never"),
  ];
}

/** A credential, line by line. */
export function formatCredential(credential: Credential): readonly string[] {
  return [
    `credential ${plain(credential.credentialId)}`,
    ...facts(
      ["kind", formatKind(credential)],
      ["identity", plain(credential.identity)],
      ["uid", credential.subjectUid],
      ["realm", plain(credential.realm)],
      ["system id", plain(credential.systemId)],
      ["generation", credential.generation.toString()],
      ["state", formatEnd(credential)],
      ["uses", formatUses(credential)],
      ["replaced by", plain(credential.replacedBy)],
      ["permissions", credential.permissions.map(plain).join(", ")],
      ["audiences", credential.audiences.map(plain).join(", ")],
      ["issued", `${formatTime(credential.issuedAt, "-")} by ${plain(credential.issuedBy)}`],
      ["last used", formatTime(credential.lastUsedAt, "never")],
    ),
  ];
}

function formatKind({ kind, supplied }: Credential): string {
  return `${wordOf(CredentialKindSchema, kind)}${supplied ? " (supplied)" : ""}`;
}

// Only an enrolment token may be used so many times and no more.
function formatUses({ uses, maxUses }: Credential): string {
  return maxUses === 0 ? "" : `${uses} of ${maxUses}`;
}

// Whether the time has passed, and whether its subject lets it prove something yet, is for the server to say.
function formatEnd({ revokedAt, revokeReason, expiresAt, ended }: Credential): string {
  if (revokedAt !== undefined) {
    const why = revokeReason === "" ? "" : `: ${plain(revokeReason)}`;
    return `revoked ${formatTime(revokedAt, "")}${why}`;
  }
  if (ended === "expired") return `expired ${formatTime(expiresAt, "-")}`;
  return ended === "" ? `expires ${formatTime(expiresAt, "-")}` : `ended: ${plain(ended)}`;
}
