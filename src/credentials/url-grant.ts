import { Buffer } from "node:buffer";
import { parseIdentity, type Identity } from "../domain/identity.ts";
import type { Identifier } from "./identifier.ts";
import type { Keyring } from "./keyring.ts";
import type { Refusal } from "./verdict.ts";

/** The longest life of a grant, in milliseconds. */
export const maxGrantLifeMs = 60 * 60_000;

/** The longest grant that is read or made, in characters. */
export const maxGrantLength = 4_096;

/** What a grant is for: said by who signs, and again by who verifies. Compared exactly. */
export interface GrantUse {
  readonly purpose: string;
  readonly method: string;
  readonly resource: string;
}

/** A task for which a grant is signed. */
export interface GrantTask {
  readonly identity: Identity;
  readonly uid: string;
  readonly epoch: bigint;
  /** Of the subject. */
  readonly version: bigint;
}

/** What a grant says. */
export interface Grant {
  readonly realm: string;
  /** Undefined: for no task. */
  readonly task: GrantTask | undefined;
  /** Who had it signed. */
  readonly signedBy: Identity;
  /** The first instant at which it is dead, in milliseconds since 1970 of the database's clock. */
  readonly expiresAt: number;
  /** Whether it outlives its task. */
  readonly survives: boolean;
}

/** What a grant that was shown comes to; `unknown`: nobody can tell now. */
export type GrantVerdict =
  | { readonly kind: "good"; readonly grant: Grant }
  /** It is not accepted, with the same answer for every `why`. The grant is known when its signature was right. */
  | { readonly kind: "refused"; readonly why: Refusal; readonly grant: Grant | undefined }
  | { readonly kind: "unknown" };

/** Signs a grant. Undefined: there is no key to sign it with, or it would be too long. */
export function signGrant(keyring: Keyring, use: GrantUse, grant: Grant): string | undefined {
  const fields = fieldsOf(grant);
  const signed = keyring.sign("url", () => canonicalText(use, fields));
  if (signed === undefined) return undefined;
  const mac = Buffer.from(signed.mac).toString("base64url");
  const text = `${head}.${signed.keyId}.${encodePayload(fields)}.${mac}`;
  return text.length > maxGrantLength ? undefined : text;
}

/** What a grant is worth for a use, at `now` of the database's clock. Its signature is looked at before anything that it says. */
export function verifyGrant(
  keyring: Keyring,
  identifier: Pick<Identifier, "standing">,
  text: string,
  use: GrantUse,
  now: number,
): GrantVerdict {
  if (text.length > maxGrantLength) return malformed;
  const [, keyId = "", payload = "", macText = ""] = form.exec(text) ?? [];
  const mac = Buffer.from(macText, "base64url");
  const fields = decodePayload(payload);
  if (fields === undefined || mac.toString("base64url") !== macText) return malformed;
  const verdict = keyring.verify("url", canonicalText(use, fields), { keyId, mac });
  if (verdict !== "good") return verdict === "bad" ? wrongSignature : unknown;
  const grant = grantOf(fields);
  if (grant === undefined) return malformed;
  if (now >= grant.expiresAt) return refuseGrant("expired", grant);
  if (grant.task === undefined || grant.survives) return { kind: "good", grant };
  const standing = identifier.standing(grant.task.uid, grant.task.version);
  if (standing === "unknown") return unknown;
  return standing === "ended" ? refuseGrant("state", grant) : { kind: "good", grant };
}

/** The verdict on a grant with a right signature that is not accepted. */
export function refuseGrant(why: Refusal, grant: Grant): GrantVerdict {
  return { kind: "refused", why, grant };
}

const malformed: GrantVerdict = { kind: "refused", why: "malformed", grant: undefined };
// Of another purpose, method or resource as well: these are signed with it.
const wrongSignature: GrantVerdict = { kind: "refused", why: "wrong_secret", grant: undefined };
const unknown: GrantVerdict = { kind: "unknown" };

const head = "fgu1";

const form = /^fgu1\.([a-z0-9-]{1,32})\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/;

/** The fields of a grant as texts, in the order in which they are signed: numbers are what was written, never what they mean. */
export type GrantFields = readonly [
  realm: string,
  identity: string,
  uid: string,
  epoch: string,
  version: string,
  signedBy: string,
  expiresAt: string,
  survives: string,
];

const fieldCount = 8;

/**
 * What is signed: each text with its length before it, so that no two lists of texts come to the same, wherever one ends and the
 * next begins.
 */
export function canonicalText(use: GrantUse, fields: GrantFields): string {
  return [head, use.purpose, use.method, use.resource, ...fields]
    .map((text) => `${text.length}:${text}`)
    .join("");
}

function fieldsOf({ realm, task, signedBy, expiresAt, survives }: Grant): GrantFields {
  return [
    realm,
    task?.identity ?? "",
    task?.uid ?? "",
    (task?.epoch ?? 0n).toString(),
    (task?.version ?? 0n).toString(),
    signedBy,
    expiresAt.toString(),
    survives ? "1" : "0",
  ];
}

function encodePayload(fields: GrantFields): string {
  return Buffer.from(JSON.stringify(fields)).toString("base64url");
}

// A payload has one text: what is not written as we write it is none.
function decodePayload(payload: string): GrantFields | undefined {
  const fields = parseTexts(Buffer.from(payload, "base64url").toString());
  // Unpaired surrogates would be signed as another character.
  if (fields?.length !== fieldCount || !fields.every((text) => text.isWellFormed())) {
    return undefined;
  }
  const known = fields as unknown as GrantFields;
  return encodePayload(known) === payload ? known : undefined;
}

function parseTexts(json: string): readonly string[] | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) && value.every((item) => typeof item === "string")
      ? value
      : undefined;
  } catch {
    return undefined;
  }
}

const digits = /^(?:0|[1-9][0-9]{0,19})$/;

function grantOf(fields: GrantFields): Grant | undefined {
  const [realm, identityText, uid, epoch, version, signerText, expiry, survives] = fields;
  const signedBy = parseIdentity(signerText);
  const isForTask = identityText !== "" || uid !== "";
  const identity = isForTask ? parseIdentity(identityText) : undefined;
  if (signedBy === undefined || realm === "" || (isForTask && uid === "")) return undefined;
  if (![epoch, version, expiry].every((text) => digits.test(text))) return undefined;
  if (survives !== "0" && survives !== "1") return undefined;
  if (isForTask && identity === undefined) return undefined;
  const task =
    identity === undefined
      ? undefined
      : { identity, uid, epoch: BigInt(epoch), version: BigInt(version) };
  return { realm, task, signedBy, expiresAt: Number(expiry), survives: survives === "1" };
}
