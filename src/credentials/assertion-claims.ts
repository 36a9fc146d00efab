import { parseIdentity, type Identity } from "../domain/identity.ts";

/** What an assertion says, as JSON: the claims of a JWT, times in seconds, numbers that only grow as digits. */
export interface AssertionClaims {
  readonly iss: "fleetgate";
  readonly sub: string;
  readonly aud: string;
  readonly exp: number;
  readonly iat: number;
  readonly cid: string;
  readonly uid: string;
  readonly ver: string;
  readonly epoch: string;
  readonly realm: string;
  readonly perms: readonly string[];
  readonly use: "all" | "report";
  readonly end: number;
}

/** The claims of an assertion whose signature is right; undefined: another release wrote it otherwise. */
export function parseClaims(
  json: string,
):
  | (Omit<AssertionClaims, "sub" | "aud"> & { readonly sub: Identity; readonly aud: Identity })
  | undefined {
  const claims = parseObject(json);
  if (claims?.["iss"] !== "fleetgate") return undefined;
  const { sub, aud, exp, iat, cid, uid, ver, epoch, realm, perms, use, end } = claims;
  const [caller, peer] = [identityOf(sub), identityOf(aud)];
  if (caller === undefined || peer === undefined) return undefined;
  if (!isSeconds(exp) || !isSeconds(iat) || !isSeconds(end)) return undefined;
  if (!isText(cid) || !isText(uid) || !isText(realm)) return undefined;
  if (!isDigits(ver) || !isDigits(epoch) || !isTexts(perms)) return undefined;
  if (use !== "all" && use !== "report") return undefined;
  return {
    ...{ iss: "fleetgate", sub: caller, aud: peer, exp, iat, cid, uid, ver, epoch, realm },
    ...{ perms, use, end },
  };
}

function parseObject(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

function identityOf(value: unknown): Identity | undefined {
  return typeof value === "string" ? parseIdentity(value) : undefined;
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isDigits(value: unknown): value is string {
  return typeof value === "string" && /^[0-9]{1,20}$/.test(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
