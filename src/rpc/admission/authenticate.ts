import { Buffer } from "node:buffer";
import { isSecret, type ExpectedHash } from "../../commands/api-key.ts";
import { anonymousIdentity } from "../../domain/identity.ts";
import type { CertificateRule } from "../../identity/certificate-rule.ts";
import { certificateAt } from "../../identity/certificate-validity.ts";
import type { ClientCertificate } from "../../identity/client-certificate.ts";
import type { JwtOutcome } from "../../identity/jwt-outcome.ts";
import { mapCertificate } from "../../identity/map-certificate.ts";
import type { CredentialKind } from "../../domain/credential/kinds.ts";
import type { ReplicaState } from "../../replica/state.ts";
import type { Bearer, ShownCredential } from "./authorization.ts";
import { fromVerdict } from "./from-verdict.ts";
import { knownKey } from "./known-key.ts";
import type { Authenticated, Peer } from "./peer.ts";

/** What a peer offers as proof. */
export interface Proof {
  readonly bearer: Bearer;
  readonly certificate: ClientCertificate;
}

/** Against what a proof is held. */
export interface AuthenticateRules {
  readonly allowAnonymous: boolean;
  readonly certificateRules: readonly CertificateRule[];
  /** The kinds of credentials of bots, tasks and runners that the method accepts. */
  readonly accepts: ReadonlySet<CredentialKind>;
}

const anonymousPeer: Peer = {
  identity: anonymousIdentity,
  credential: { kind: "none", id: "" },
  expiresAt: Infinity,
};

// No secret has it, and what comes of the comparison is not looked at.
const nobodysHash: ExpectedHash = { digits: Buffer.alloc(64) };

/**
 * Who sends a call. A bearer decides, and the certificate beside it must only be a good one; without a bearer
 * the certificate decides; without either the peer is anonymous, where that is allowed. A bad credential never
 * makes an anonymous peer, nor does a certificate that is nobody's.
 */
export function authenticate(
  { bearer, certificate: given }: Proof,
  state: ReplicaState | undefined,
  now: Date,
  { allowAnonymous, certificateRules, accepts }: AuthenticateRules,
): Authenticated {
  const certificate = certificateAt(given, now.getTime());
  if (certificate.kind === "bad") return refused("the client certificate is not valid");
  switch (bearer.kind) {
    case "api_key":
      return fromApiKey(bearer, state, now);
    case "jwt":
      return fromJwt(bearer.outcome, now);
    case "judged":
      return fromVerdict(bearer.verdict, bearer.judgedAt);
    case "credential":
      return notLookedUp(bearer, state, accepts);
    case "none":
      if (certificate.kind === "verified") return fromCertificate(certificate, certificateRules);
      return allowAnonymous ? { kind: "peer", peer: anonymousPeer } : refused("there is none");
    case "malformed":
    case "unread_jwt":
    default:
      return refused("the bearer is malformed, or there are two");
  }
}

function fromApiKey(
  bearer: Extract<Bearer, { readonly kind: "api_key" }>,
  state: ReplicaState | undefined,
  now: Date,
): Authenticated {
  const { token, provenFor } = bearer;
  if (state === undefined) return { kind: "unverifiable", why: "no usable snapshot" };
  const key = state.apiKeys.get(token.id);
  const known = key === undefined ? undefined : knownKey(key);
  // An unknown id costs the same hash and the same comparison as a wrong secret.
  const same =
    (known !== undefined && known === provenFor) ||
    isSecret(token.secret, known?.hash ?? nobodysHash);
  // Only `<` holds for a time that cannot be read, such as NaN, against a key.
  if (known?.hash === undefined || !same || !(now.getTime() < known.deadAt)) {
    return refused("the API key is unknown, wrong, revoked or expired");
  }
  bearer.provenFor = known;
  const { peer } = known;
  return peer === undefined ? refused("the API key is of no identity") : { kind: "peer", peer };
}

function fromJwt(outcome: JwtOutcome, now: Date): Authenticated {
  if (outcome.kind === "refused") return refused(`JWT: ${outcome.why}`);
  if (outcome.kind === "unverifiable") {
    const why = "the keys of the issuer of the JWT are not loaded, or too many JWTs wait";
    return { kind: "unverifiable", why };
  }
  const { identity, issuer, expiresAt } = outcome;
  if (now.getTime() >= expiresAt) return refused("JWT: it has expired");
  return { kind: "peer", peer: { identity, credential: { kind: "jwt", id: issuer }, expiresAt } };
}

function notLookedUp(
  { is }: ShownCredential,
  state: ReplicaState | undefined,
  accepts: ReadonlySet<CredentialKind>,
): Authenticated {
  if (!accepts.has(is)) return refused(`a ${is} credential is not accepted here`);
  if (state === undefined) return { kind: "unverifiable", why: "no usable snapshot" };
  return refused("this server keeps no credentials");
}

function fromCertificate(
  certificate: Extract<ClientCertificate, { readonly kind: "verified" }>,
  rules: readonly CertificateRule[],
): Authenticated {
  const identity = mapCertificate(certificate, rules);
  if (identity === undefined) return refused("no rule makes an identity of the client certificate");
  const credential = { kind: "certificate", id: certificate.fingerprint } as const;
  return { kind: "peer", peer: { identity, credential, expiresAt: certificate.validTo } };
}

function refused(why: string): Authenticated {
  return { kind: "refused", why };
}
