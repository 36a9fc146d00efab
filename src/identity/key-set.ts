import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import type { JwtAlgorithm } from "./jwt-issuer.ts";

/** A public key that signatures can be verified with. */
export interface VerificationKey {
  /** Its name in the set; undefined: it has none. */
  readonly kid: string | undefined;
  readonly algorithms: readonly JwtAlgorithm[];
  readonly key: KeyObject;
}

/** The keys of an issuer that can be used. */
export interface KeySet {
  readonly keys: readonly VerificationKey[];
  /** How many entries were left out: not for signatures, of another kind, too small or malformed. */
  readonly unused: number;
}

/** The most entries of a key set. */
export const maxKeys = 100;

/** The bounds of an RSA key: a smaller one is weak, a larger one slow. */
export const rsaBits = { min: 2048, max: 8192 };

// 1 proves nothing, and a large one lets one signature take as long as a hundred.
const rsaExponent = { min: 3n, max: 2n ** 32n };

const rsa: readonly JwtAlgorithm[] = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
const curves: Readonly<Record<string, readonly JwtAlgorithm[]>> = {
  "EC P-256": ["ES256"],
  "EC P-384": ["ES384"],
  "EC P-521": ["ES512"],
  "OKP Ed25519": ["EdDSA", "Ed25519"],
};

/**
 * Reads a key set (RFC 7517). Keys that cannot be used are left out, so that a new kind of key does not turn
 * away the old ones. Throws an Error that says what is wrong when it is no key set, has too many keys, or none
 * that can be used.
 */
export function parseKeySet(value: unknown): KeySet {
  const entries = isRecord(value) ? value["keys"] : undefined;
  if (!Array.isArray(entries)) throw new Error("it is no key set");
  if (entries.length > maxKeys) throw new Error(`it has more than ${maxKeys} keys`);
  const keys = entries.flatMap((entry: unknown) => {
    const key = isRecord(entry) ? readKey(entry) : undefined;
    return key === undefined ? [] : [key];
  });
  if (keys.length === 0) throw new Error("it has no key that can be used");
  return { keys, unused: entries.length - keys.length };
}

/**
 * The one key that a token may be signed with, by its header. A token that names no key has one only when
 * there is no choice; several that fit are no key.
 */
export function findKey(
  { keys }: KeySet,
  algorithm: JwtAlgorithm,
  kid: string | undefined,
): KeyObject | undefined {
  const fit = keys.filter(
    (key) => (kid === undefined || key.kid === kid) && key.algorithms.includes(algorithm),
  );
  return fit.length === 1 ? fit[0]?.key : undefined;
}

interface Entry {
  readonly [member: string]: unknown;
  readonly kid?: unknown;
  readonly alg?: unknown;
  readonly use?: unknown;
  readonly key_ops?: unknown;
  readonly d?: unknown;
}

function readKey(entry: Entry): VerificationKey | undefined {
  const { kid, alg } = entry;
  if (kid !== undefined && typeof kid !== "string") return undefined;
  if (!isForSignatures(entry)) return undefined;
  const fit = algorithmsOf(entry).filter((known) => alg === undefined || known === alg);
  const key = fit.length === 0 ? undefined : importKey(entry);
  return key === undefined ? undefined : { kid, algorithms: fit, key };
}

// A private key in public is nobody's any more.
function isForSignatures(entry: Entry): boolean {
  const { use, key_ops: operations, d } = entry;
  if (d !== undefined || (use !== undefined && use !== "sig")) return false;
  return operations === undefined || (Array.isArray(operations) && operations.includes("verify"));
}

function algorithmsOf(entry: Entry): readonly JwtAlgorithm[] {
  if (entry["kty"] === "RSA") return rsa;
  const curve = `${String(entry["kty"])} ${String(entry["crv"])}`;
  return Object.hasOwn(curves, curve) ? (curves[curve] ?? []) : [];
}

function importKey(entry: Entry): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: entry as JsonWebKey, format: "jwk" });
    return entry["kty"] !== "RSA" || isGoodRsa(key) ? key : undefined;
  } catch {
    return undefined;
  }
}

function isGoodRsa({ asymmetricKeyDetails: details }: KeyObject): boolean {
  const { modulusLength: bits = 0, publicExponent: exponent = 0n } = details ?? {};
  const isGoodExponent =
    exponent >= rsaExponent.min && exponent <= rsaExponent.max && exponent % 2n === 1n;
  return bits >= rsaBits.min && bits <= rsaBits.max && isGoodExponent;
}

function isRecord(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
