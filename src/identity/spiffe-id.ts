/** A SPIFFE ID in its parts. */
export interface SpiffeId {
  readonly trustDomain: string;
  /** Empty, or begins with a slash. */
  readonly path: string;
}

/** The longest SPIFFE ID, in bytes; every character of a valid one is one byte. */
export const maxSpiffeIdLength = 2048;

const trustDomainPattern = /^[a-z0-9._-]{1,255}$/;
const segmentPattern = /^[a-zA-Z0-9._-]+$/;
const scheme = "spiffe://";

/** Whether `text` is the name of a trust domain. */
export function isTrustDomain(text: string): boolean {
  return trustDomainPattern.test(text);
}

/**
 * The SPIFFE ID that `text` is, or undefined. Nothing is folded or decoded, so that a SPIFFE ID has one
 * spelling only: no port, user, query, fragment or percent sign, no empty segment, and none of dots alone.
 */
export function parseSpiffeId(text: string): SpiffeId | undefined {
  if (text.length > maxSpiffeIdLength || !text.startsWith(scheme)) return undefined;
  const [trustDomain = "", ...segments] = text.slice(scheme.length).split("/");
  if (!isTrustDomain(trustDomain) || !segments.every(isSegment)) return undefined;
  return { trustDomain, path: segments.map((segment) => `/${segment}`).join("") };
}

/** Whether a URI claims to be a SPIFFE ID, in whatever spelling, well-formed or not. */
export function claimsSpiffe(uri: string): boolean {
  return uri.trimStart().toLowerCase().startsWith("spiffe:");
}

function isSegment(text: string): boolean {
  return segmentPattern.test(text) && text !== "." && text !== "..";
}
