import type { KeyObject } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, jwtVerify, type JWTPayload } from "jose";
import { claimOf, type Claims } from "./claim-template.ts";
import { mapClaims } from "./identity-rule.ts";
import { createKeyCache, type KeyCache, type KeyTiming } from "./key-cache.ts";
import type { KeySet } from "./key-set.ts";
import type { JwtAlgorithm, JwtIssuerOptions } from "./jwt-issuer.ts";
import type { JwtOutcome, VerifyJwt } from "./jwt-outcome.ts";
import { checkTimes, type JwtTimes } from "./jwt-times.ts";
import { loadKeys } from "./load-keys.ts";
import { createSlots, type Slots } from "./slots.ts";
import { createVerifiedTokens, type VerifiedTokens } from "./verified-tokens.ts";

/** How the keys of an issuer are. */
export interface IssuerStatus {
  readonly issuer: string;
  /** Milliseconds since its keys were last loaded; undefined: they never were. */
  readonly keysAgeMs: number | undefined;
  /** How many loads failed since the start. */
  readonly failedLoads: number;
}

/** What a verifier works with. */
export interface JwtVerifierDeps {
  /** Told about the end of every load of keys. */
  readonly onLoad: (issuer: string, loaded: KeySet | Error) => void;
  /** A clock that only runs forward, in ms; that of the process when left out. */
  readonly monotonic?: () => number;
  /** When keys are fetched; `remoteTiming` when left out. */
  readonly timing?: KeyTiming;
}

/** Tells what JWTs prove. */
export interface JwtVerifier {
  readonly verify: VerifyJwt;
  readonly status: () => readonly IssuerStatus[];
  /** Ends what is being fetched. */
  readonly close: () => void;
}

/** When keys are fetched from an issuer. */
export const remoteTiming: KeyTiming = {
  maxAgeMs: 600_000,
  refreshGapMs: 30_000,
  retryGapMs: 5000,
  graceMs: 86_400_000,
  loadMs: 5000,
};

/** When a key set in a file is read again. A file that became unusable does not take the keys away. */
export const fileTiming: KeyTiming = {
  maxAgeMs: 5000,
  refreshGapMs: 5000,
  retryGapMs: 5000,
  graceMs: Infinity,
  loadMs: 5000,
};

/** The longest JWT that is looked at, in characters. */
export const maxJwtLength = 8192;

// Signatures are verified by the few threads that also unpack bodies: a flood of tokens must not have them all.
const concurrentSignatures = 2;

/** Of how many tokens each key is remembered to have verified the signature. */
const maxVerified = 10_000;

/** How many tokens wait for their signature to be verified, of all issuers together; no more can be told then. */
export const maxUnverified = 1000;

/** What verifying signatures works with. */
interface Signatures {
  readonly slots: Slots;
  readonly verified: VerifiedTokens;
}

interface Issuer {
  readonly options: JwtIssuerOptions;
  readonly cache: KeyCache;
  failedLoads: number;
}

/** Creates a verifier of the JWTs of some issuers, no two of the same name. */
export function createJwtVerifier(
  issuers: readonly JwtIssuerOptions[],
  deps: JwtVerifierDeps,
): JwtVerifier {
  const signatures: Signatures = {
    slots: createSlots(concurrentSignatures, maxUnverified),
    verified: createVerifiedTokens(maxVerified),
  };
  const all = issuers.map((options) => createIssuer(options, deps));
  const byName = new Map(all.map((issuer) => [issuer.options.issuer, issuer]));
  return {
    verify: (token, now) => verify(token, now, byName, signatures),
    status: () =>
      all.map(({ options: { issuer }, cache, failedLoads }) => {
        return { issuer, keysAgeMs: cache.ageMs(), failedLoads };
      }),
    close: () => {
      for (const { cache } of all) cache.close();
    },
  };
}

function createIssuer(options: JwtIssuerOptions, deps: JwtVerifierDeps): Issuer {
  const { timing = remoteTiming, monotonic = () => performance.now() } = deps;
  const issuer: Issuer = {
    options,
    failedLoads: 0,
    cache: createKeyCache({
      load: (signal) => loadKeys(options.issuer, options.keys, signal),
      timing: options.keys.kind === "file" ? fileTiming : timing,
      monotonic,
      onLoad: (loaded) => {
        if (loaded instanceof Error) issuer.failedLoads += 1;
        deps.onLoad(options.issuer, loaded);
      },
    }),
  };
  return issuer;
}

// What costs little comes first, but for the rules: whose claims fit them is told to nobody who cannot sign.
async function verify(
  token: string,
  now: Date,
  issuers: ReadonlyMap<string, Issuer>,
  { slots, verified }: Signatures,
): Promise<JwtOutcome> {
  const head = readUnverified(token);
  if (head === undefined) return refused("it is no JWT");
  const issuer = issuers.get(head.issuer);
  if (issuer === undefined) return refused("its issuer is none of the configured ones");
  const { options, cache } = issuer;
  const algorithm = options.algorithms.find((known) => known === head.algorithm);
  if (algorithm === undefined) return refused("its algorithm is none of those of the issuer");
  const early = judgeFrame(head.claims, now, options);
  if (early.kind === "invalid") return refused(early.why);
  const key = await cache.find(algorithm, head.kid);
  if (key === "unknown") return { kind: "unverifiable" };
  if (key === "none") return refused("no key of the issuer fits");
  // A token seen before does not wait behind a flood of others. Its claims are the same: so are its bytes.
  if (verified.has(key, token)) return judge(head.claims, now, options);
  const verifying = slots(() => verifySignature(token, key, algorithm, now, options));
  if (verifying === "full") return { kind: "unverifiable" };
  const claims = await verifying;
  if (claims === undefined) return refused("its signature or a claim is wrong");
  verified.add(key, token);
  return judge(claims, now, options);
}

function refused(why: string): JwtOutcome {
  return { kind: "refused", why };
}

interface Unverified {
  readonly algorithm: string;
  readonly kid: string | undefined;
  readonly issuer: string;
  readonly claims: Claims;
}

/** What a token says of itself. It chooses among the issuers and their keys, and proves nothing. */
function readUnverified(token: string): Unverified | undefined {
  if (token.length > maxJwtLength) return undefined;
  try {
    const { alg, kid } = decodeProtectedHeader(token) as { alg?: unknown; kid?: unknown };
    const claims: Claims = decodeJwt(token);
    const issuer = claimOf(claims, "iss");
    if (typeof alg !== "string" || typeof issuer !== "string") return undefined;
    if (kid !== undefined && typeof kid !== "string") return undefined;
    return { algorithm: alg, kid, issuer, claims };
  } catch {
    return undefined;
  }
}

/** Whether claims are for us, and for now. */
function judgeFrame(claims: Claims, now: Date, options: JwtIssuerOptions): JwtTimes {
  if (!hasAudience(claims, options.audiences)) {
    return { kind: "invalid", why: "it is for another audience" };
  }
  return checkTimes(claims, now, options);
}

/** What the claims of a token of an issuer come to whose signature is good. */
function judge(claims: Claims, now: Date, options: JwtIssuerOptions): JwtOutcome {
  const times = judgeFrame(claims, now, options);
  if (times.kind === "invalid") return refused(times.why);
  const mapped = mapClaims(claims, options.identities);
  if (mapped.kind === "nobody") return refused(mapped.why);
  const { issuer } = options;
  return { kind: "verified", identity: mapped.identity, issuer, expiresAt: times.expiresAt };
}

function hasAudience(claims: Claims, audiences: readonly string[]): boolean {
  const found = claimOf(claims, "aud");
  const given: readonly unknown[] = Array.isArray(found) ? found : [found];
  return given.some((one) => typeof one === "string" && audiences.includes(one));
}

// jose judges issuer, audience and times once more: two who must both be wrong.
async function verifySignature(
  token: string,
  key: KeyObject,
  algorithm: JwtAlgorithm,
  now: Date,
  options: JwtIssuerOptions,
): Promise<JWTPayload | undefined> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [algorithm],
      issuer: options.issuer,
      audience: [...options.audiences],
      requiredClaims: ["iss", "aud", "exp"],
      currentDate: now,
      clockTolerance: options.leewayMs / 1000,
    });
    return payload;
  } catch {
    return undefined;
  }
}
