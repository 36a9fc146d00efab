import { Buffer } from "node:buffer";
import type { CredentialRecord, Subject } from "../domain/credential/subject.ts";
import { DomainError } from "../domain/errors.ts";
import { foldIdentity, type Identity } from "../domain/identity.ts";
import { withoutStack } from "../domain/without-stack.ts";
import { parseClaims, type AssertionClaims } from "./assertion-claims.ts";
import type { Identifier } from "./identifier.ts";
import type { Keyring } from "./keyring.ts";
import type { Refusal } from "./verdict.ts";

/** For how long an assertion proves something, in milliseconds. */
export const assertionLifeMs = 60_000;

/** The longest assertion that is read or made, in characters. */
export const maxAssertionLength = 32_768;

/** What an assertion proves: that a peer was shown a credential of the caller that was good. Times are in milliseconds since 1970. */
export interface Assertion {
  readonly caller: Identity;
  /** Public, safe to log. */
  readonly credentialId: string;
  readonly subjectUid: string;
  /** Of the subject. */
  readonly version: bigint;
  readonly epoch: bigint;
  readonly realm: string;
  /** The most that the caller may use. */
  readonly permissions: ReadonlySet<string>;
  readonly use: "all" | "report";
  /** The first instant at which it proves nothing. */
  readonly expiresAt: number;
  /** The first instant at which the credential is good for nothing more than reporting, or for nothing. */
  readonly endsAt: number;
}

/** What an assertion that was shown comes to; `unknown`: nobody can tell now: its key is not here yet, or what happened since is not known. */
export type AssertionVerdict =
  | { readonly kind: "good"; readonly assertion: Assertion }
  /** It proves nothing, with the same answer for every `why`. The assertion is known when its signature was right. */
  | {
      readonly kind: "refused";
      readonly why: Refusal | "subject_mismatch";
      readonly assertion: Assertion | undefined;
    }
  | { readonly kind: "unknown" };

/** What an assertion is to say. */
export interface NewAssertion {
  readonly record: CredentialRecord;
  readonly use: "all" | "report";
  /** The permissions of the answer: those of the credential that the realm gives now. */
  readonly permissions: readonly string[];
  /** Who asked, and may show it. */
  readonly peer: Identity;
}

/** An assertion, as text and with its end. */
export interface SignedAssertion {
  readonly text: string;
  /** Milliseconds since 1970, of the database's clock: a whole second. */
  readonly expiresAt: number;
}

/**
 * Signs what an answer of IdentifyCaller says, for 60 seconds or until the credential ends. Undefined: there is no key, the credential
 * ends within the second, or its permissions make it too long. `now` is of the database's clock.
 */
export function signAssertion(
  keyring: Keyring,
  { record, use, permissions, peer }: NewAssertion,
  now: number,
): SignedAssertion | undefined {
  if (keyring.activeKey("assertion") === undefined) return undefined;
  const { subject } = record;
  const endsAt = endOf(record, use);
  const exp = Math.floor(Math.min(now + assertionLifeMs, endsAt) / 1000);
  if (exp * 1000 <= now) return undefined;
  const claims: AssertionClaims = {
    iss: "fleetgate",
    sub: `${subject.kind}:${subject.id}`,
    aud: peer,
    exp,
    iat: Math.floor(now / 1000),
    cid: record.id,
    uid: subject.uid,
    ver: subject.version.toString(),
    epoch: subject.epoch.toString(),
    realm: subject.realm,
    perms: permissions,
    use,
    end: Math.floor(endsAt / 1000),
  };
  const payload = encode(JSON.stringify(claims));
  let input = "";
  const signed = keyring.sign("assertion", (keyId) => (input = `${headerOf(keyId)}.${payload}`));
  if (signed === undefined) return undefined;
  const text = `${input}.${Buffer.from(signed.mac).toString("base64url")}`;
  return text.length > maxAssertionLength ? undefined : { text, expiresAt: exp * 1000 };
}

/** What an assertion proves to this peer at `now` (of the database's clock). */
export function judgeAssertion(
  keyring: Keyring,
  identifier: Pick<Identifier, "standing">,
  text: string,
  peer: Identity,
  now: number,
): AssertionVerdict {
  const claims = verifiedClaims(keyring, text);
  if ("kind" in claims) return claims;
  const assertion = assertionOf(claims);
  if (foldIdentity(claims.aud) !== foldIdentity(peer))
    return refuseAssertion("audience", assertion);
  if (now >= assertion.expiresAt) return refuseAssertion("expired", assertion);
  const standing = identifier.standing(claims.uid, assertion.version);
  if (standing === "unknown") return unknown;
  return standing === "ended" ? refuseAssertion("state", assertion) : { kind: "good", assertion };
}

/** The verdict on an assertion with a right signature that proves nothing here. */
export function refuseAssertion(
  why: Refusal | "subject_mismatch",
  assertion: Assertion,
): AssertionVerdict {
  return { kind: "refused", why, assertion };
}

/** STORAGE_UNAVAILABLE: what the verdict `unknown` is to the peer. */
export function cannotTellAssertion(): DomainError {
  return withoutStack(
    () => new DomainError("STORAGE_UNAVAILABLE", "whether the assertion holds is not known now"),
  );
}

const malformed: AssertionVerdict = { kind: "refused", why: "malformed", assertion: undefined };
const wrongSignature: AssertionVerdict = { ...malformed, why: "wrong_secret" };
const unknown: AssertionVerdict = { kind: "unknown" };

/** Claims that were read. */
type ReadClaims = NonNullable<ReturnType<typeof parseClaims>>;

function assertionOf(claims: ReadClaims): Assertion {
  return {
    caller: claims.sub,
    credentialId: claims.cid,
    subjectUid: claims.uid,
    version: BigInt(claims.ver),
    epoch: BigInt(claims.epoch),
    realm: claims.realm,
    permissions: new Set(claims.perms),
    use: claims.use,
    expiresAt: claims.exp * 1000,
    endsAt: claims.end * 1000,
  };
}

const form = /^([A-Za-z0-9_-]{1,200})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

// The only header there is. No algorithm is ever chosen by who shows an assertion.
const header = /^\{"alg":"HS256","kid":"([a-z0-9-]{1,32})","typ":"fleetgate-caller\+jwt"\}$/;

function headerOf(keyId: string): string {
  return encode(`{"alg":"HS256","kid":"${keyId}","typ":"fleetgate-caller+jwt"}`);
}

function verifiedClaims(keyring: Keyring, text: string): ReadClaims | AssertionVerdict {
  if (text.length > maxAssertionLength) return malformed;
  const [, head = "", payload = "", mac = ""] = form.exec(text) ?? [];
  const keyId = header.exec(decode(head))?.[1];
  if (keyId === undefined || headerOf(keyId) !== head) return malformed;
  const bytes = Buffer.from(mac, "base64url");
  if (bytes.toString("base64url") !== mac) return malformed;
  const verdict = keyring.verify("assertion", `${head}.${payload}`, { keyId, mac: bytes });
  if (verdict !== "good") return verdict === "bad" ? wrongSignature : unknown;
  return parseClaims(decode(payload)) ?? malformed;
}

// What JSON can say; nothing lives as long.
const lastInstant = 8.64e15;

// When the credential stops being good for what it was found good for.
function endOf({ expiresAt, subject }: CredentialRecord, use: "all" | "report"): number {
  return Math.min(expiresAt, subjectEnd(subject, use), lastInstant);
}

function subjectEnd(subject: Subject, use: "all" | "report"): number {
  if (subject.kind !== "task") return Infinity;
  return use === "all" ? subject.deadline : subject.reportUntil;
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64url");
}

function decode(text: string): string {
  return Buffer.from(text, "base64url").toString();
}
