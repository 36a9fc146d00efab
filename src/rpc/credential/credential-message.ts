import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate, type Timestamp } from "@bufbuild/protobuf/wkt";
import type { CredentialKind as StoredKind } from "../../domain/credential/kinds.ts";
import type {
  AuditEventSchema,
  CredentialSchema,
} from "../../gen/fleetgate/credential/v1/credential_service_pb.ts";
import { CredentialKind } from "../../gen/fleetgate/credential/v1/subject_pb.ts";
import type { AuditView } from "../../storage/credential/audit-list.ts";
import type { CredentialView } from "../../storage/credential/list-credentials.ts";

/** The kinds of credentials as the contract has them. */
export const kindNumbers: Readonly<Record<StoredKind, CredentialKind>> = {
  boot: CredentialKind.BOOT,
  session: CredentialKind.SESSION,
  resume: CredentialKind.RESUME,
  task: CredentialKind.TASK,
  claim: CredentialKind.CLAIM,
  enroll: CredentialKind.ENROLL,
  runner: CredentialKind.RUNNER,
};

const kinds: ReadonlyMap<string, CredentialKind> = new Map(Object.entries(kindNumbers));

/** A credential as the contract has it. */
export function toCredential(view: CredentialView): MessageInitShape<typeof CredentialSchema> {
  return {
    credentialId: view.id,
    kind: kinds.get(view.kind) ?? CredentialKind.UNSPECIFIED,
    identity: `${view.subjectKind}:${view.subjectId}`,
    subjectUid: view.subjectUid,
    realm: view.realm,
    generation: view.generation,
    permissions: [...view.permissions],
    audiences: [...view.audiences],
    issuedAt: timestampFromDate(view.issuedAt),
    issuedBy: view.issuedBy,
    expiresAt: timestampFromDate(view.expiresAt),
    revokeReason: view.revokeReason ?? "",
    supplied: view.supplied,
    ended: view.ended ?? "",
    systemId: view.systemId ?? "",
    uses: view.uses,
    maxUses: view.maxUses ?? 0,
    replacedBy: view.replacedBy ?? "",
    ...optional("revokedAt", view.revokedAt),
    ...optional("lastUsedAt", view.lastUsedAt),
  };
}

/** An audit event as the contract has it. */
export function toAuditEvent(view: AuditView): MessageInitShape<typeof AuditEventSchema> {
  return {
    at: timestampFromDate(view.at),
    event: view.event,
    credentialId: view.credentialId ?? "",
    identity: view.identity ?? "",
    realm: view.realm ?? "",
    reason: view.reason ?? "",
    caller: view.caller ?? "",
    source: view.source ?? "",
    requestId: view.requestId ?? "",
    count: view.count,
    detail: Object.fromEntries(
      Object.entries(view.detail).map(([name, value]) => [name, textOf(value)]),
    ),
  };
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function optional<Name extends string>(
  name: Name,
  time: Date | null,
): { readonly [N in Name]?: Timestamp } {
  if (time === null) return {};
  return { [name]: timestampFromDate(time) } as { readonly [N in Name]: Timestamp };
}
