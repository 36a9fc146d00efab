import { bearerTokenHead, parseBearerToken, type BearerToken } from "../../domain/bearer-token.ts";
import { credentialKindOf, type CredentialKind } from "../../domain/credential/kinds.ts";
import { maxJwtLength } from "../../identity/jwt-verifier.ts";
import type { JwtOutcome } from "../../identity/jwt-outcome.ts";
import { suppliedTokenLength } from "../../credentials/shown-token.ts";
import type { Verdict } from "../../credentials/verdict.ts";

/** What the `authorization` headers of a request hold. */
export type Bearer =
  /** There is none. */
  | { readonly kind: "none" }
  /** Anything but one token of a form that we know. `several`: there is more than one header. */
  | { readonly kind: "malformed"; readonly why: "several" | "malformed" }
  | {
      readonly kind: "api_key";
      readonly token: BearerToken;
      /** The KnownKey whose secret it was found to have; the same object again need not be held against it again. */
      provenFor?: object;
    }
  /** A JWT that nobody has looked at yet. It proves nothing. */
  | { readonly kind: "unread_jwt"; readonly token: string }
  | { readonly kind: "jwt"; readonly outcome: JwtOutcome }
  /** The credential of a bot, a task or a runner, as its text says, that nobody has looked at yet. It proves nothing. */
  | ShownCredential
  | JudgedCredential;

/** What has the form of a credential of a bot, a task or a runner. */
export interface ShownCredential {
  readonly kind: "credential";
  readonly token: string;
  /** The kind that its text says; of a token that a forge made, `task`. */
  readonly is: CredentialKind;
  /** Its public id, safe to log; undefined: a forge made the token. */
  readonly id: string | undefined;
}

/** What such a credential came to for one call. Never remembered beyond it. */
export interface JudgedCredential {
  readonly kind: "judged";
  readonly shown: ShownCredential;
  readonly verdict: Verdict;
  /** When it was judged, in milliseconds since 1970, of the database's clock. */
  readonly judgedAt: number;
}

/**
 * The values of every `authorization` header, from the raw list of names and values that Node keeps: its
 * `headers` object silently drops all but the first.
 */
export function readAuthorization(rawHeaders: readonly string[]): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    // Most names have another length, so hardly any is folded.
    if (name?.length === headerName.length && name.toLowerCase() === headerName) {
      values.push(rawHeaders[index + 1] ?? "");
    }
  }
  return values;
}

const headerName = "authorization";

// The scheme is case-insensitive; spaces around the value are not part of it. No token has a comma, so
// joined headers never match.
const bearer = /^[ \t]*bearer[ \t]+([A-Za-z0-9._~+/-]+=*)[ \t]*$/i;
const jwt = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const usualScheme = /^bearer /i;
const schemeLength = 7;
const maxSpaces = 100;
const maxKeyLength = 200;

/** What the values of all `authorization` headers come to. */
export function readBearer(values: readonly string[]): Bearer {
  const [value, second] = values;
  if (value === undefined) return { kind: "none" };
  if (second !== undefined) return several;
  if (value.length > maxJwtLength + maxSpaces) return malformed;
  // The usual form of a token of ours. Whatever else there is takes the long way.
  const usual = usualScheme.test(value) ? parseBearerToken(value, schemeLength) : undefined;
  if (usual !== undefined) return ofOurs(usual, value, schemeLength);
  const token = bearer.exec(value)?.[1];
  if (token === undefined) return malformed;
  if (jwt.test(token)) {
    return token.length > maxJwtLength ? malformed : { kind: "unread_jwt", token };
  }
  if (!token.startsWith(bearerTokenHead)) return supplied(token);
  const ours = value.length > maxKeyLength ? undefined : parseBearerToken(token);
  return ours === undefined ? malformed : ofOurs(ours, token, 0);
}

// The text of the token is what `text` has from `from` on.
function ofOurs(token: BearerToken, text: string, from: number): Bearer {
  const is = credentialKindOf(token.kind);
  if (is === undefined) return { kind: "api_key", token };
  return { kind: "credential", token: text.slice(from), is, id: token.id };
}

function supplied(token: string): Bearer {
  const { min, max } = suppliedTokenLength;
  if (token.length < min || token.length > max) return malformed;
  return { kind: "credential", token, is: "task", id: undefined };
}

const several: Bearer = { kind: "malformed", why: "several" };
const malformed: Bearer = { kind: "malformed", why: "malformed" };
