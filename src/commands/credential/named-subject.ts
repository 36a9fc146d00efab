import { subjectKinds, type SubjectKind } from "../../domain/credential/kinds.ts";
import { invalidField } from "../../domain/errors.ts";
import { identityKind, parseIdentity } from "../../domain/identity.ts";

const credentialId = /^[A-Za-z0-9_-]{16}$/;

/** The public id that a request names. Fails with INVALID_FIELD (`credential_id`). */
export function requestedCredentialId(text: string): string {
  if (!credentialId.test(text)) {
    throw invalidField("credential_id", "must be a public id: 16 characters of base64url");
  }
  return text;
}

/** The subject that a request names: `bot:...`, `task:...` or `runner:...`. Fails with INVALID_FIELD (`identity`). */
export function requestedSubject(text: string): {
  readonly kind: SubjectKind;
  readonly id: string;
} {
  const identity = parseIdentity(text);
  const kind = identity && subjectKinds.find((known) => known === identityKind(identity));
  if (kind === undefined) {
    throw invalidField("identity", 'must be "bot:", "task:" or "runner:" and its id');
  }
  return { kind, id: text.slice(kind.length + 1) };
}
