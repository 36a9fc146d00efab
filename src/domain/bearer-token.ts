/** The kinds of credentials that have a bearer token, as the two letters in it. */
export type BearerTokenKind = "ak";

/** The readable parts of a bearer token of the grammar `fg1_<kk>_<id 16>_<secret 43>_<crc 6>`. */
export interface BearerToken {
  readonly kind: BearerTokenKind;
  /** 96 random bits in base64url: the primary key, safe to log. */
  readonly id: string;
  /** 256 random bits in base64url: never logged, never stored. */
  readonly secret: string;
}

const grammar = /^fg1_(ak)_([A-Za-z0-9_-]{16})_([A-Za-z0-9_-]{43})_([A-Za-z0-9_-]{6})$/;

/** Returns the parts of a token whose form and checksum are right, or undefined. */
export function parseBearerToken(text: string): BearerToken | undefined {
  if (text.length !== 74) return undefined;
  const match = grammar.exec(text);
  if (match === null) return undefined;
  const [, kind, id, secret, crc] = match as unknown as [string, BearerTokenKind, ...string[]];
  if (id === undefined || secret === undefined) return undefined;
  if (checksum(text.slice(0, -7)) !== crc) return undefined;
  return { kind, id, secret };
}

/** The text of a token. */
export function formatBearerToken(token: BearerToken): string {
  const body = `fg1_${token.kind}_${token.id}_${token.secret}`;
  return `${body}_${checksum(body)}`;
}

const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** CRC-32 (ISO 3309) of ASCII text as six base64url digits, so that garbage is refused before any look-up. */
function checksum(text: string): string {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index += 1) {
    crc ^= text.charCodeAt(index);
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
  }
  crc = (crc ^ 0xffffffff) >>> 0;
  // The lowest six bits first; the last digit has the two bits that are left.
  let digits = "";
  for (let digit = 0; digit < 6; digit += 1) {
    digits += base64url[(crc >>> (digit * 6)) & 63] ?? "";
  }
  return digits;
}
