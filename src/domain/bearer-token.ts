/**
 * The kinds of credentials that have a bearer token, as the two letters in it: API key, boot token of a bot, its session, what takes
 * the session over, task, claim of a job, enrolment of runners, and runner.
 */
export type BearerTokenKind = "ak" | "bb" | "bs" | "br" | "tk" | "cl" | "en" | "rn";

/** The readable parts of a bearer token of the grammar `fg1_<kk>_<id 16>_<secret 43>_<crc 6>`. */
export interface BearerToken {
  readonly kind: BearerTokenKind;
  /** 96 random bits in base64url: the primary key, safe to log. */
  readonly id: string;
  /** 256 random bits in base64url: never logged, never stored. */
  readonly secret: string;
}

// Where the parts begin, and what the whole has: 67 characters of body, an underscore, six of checksum.
const idAt = 7;
const secretAt = 24;
const crcAt = 68;
const length = 74;
const underscore = 0x5f;

const kinds: readonly BearerTokenKind[] = ["ak", "tk", "bs", "rn", "bb", "br", "cl", "en"];
const heads = kinds.map((kind) => [kind, `fg1_${kind}_`] as const);

/** What every token of ours begins with, whatever its kind. */
export const bearerTokenHead = "fg1_";

/**
 * Returns the parts of a token whose form and checksum are right, or undefined. The token is what `text` has from
 * `start` to its end. Every call with a key comes by here: one pass over the characters, nothing made on the way.
 */
export function parseBearerToken(text: string, start = 0): BearerToken | undefined {
  if (text.length - start !== length) return undefined;
  const kind = kindOf(text, start);
  if (kind === undefined) return undefined;
  if (text.charCodeAt(start + secretAt - 1) !== underscore) return undefined;
  if (text.charCodeAt(start + crcAt - 1) !== underscore) return undefined;
  let crc = 0xffffffff;
  for (let index = start; index < start + crcAt - 1; index += 1) {
    const code = text.charCodeAt(index);
    if (code > 127 || isDigit[code] !== 1) return undefined;
    crc = advanceCrc(crc, code);
  }
  crc = ~crc;
  for (let digit = 0; digit < 6; digit += 1) {
    if (text.charCodeAt(start + crcAt + digit) !== crcDigit(crc, digit)) return undefined;
  }
  const id = text.slice(start + idAt, start + secretAt - 1);
  return { kind, id, secret: text.slice(start + secretAt, start + crcAt - 1) };
}

/** The text of a token. */
export function formatBearerToken(token: BearerToken): string {
  const body = `fg1_${token.kind}_${token.id}_${token.secret}`;
  return `${body}_${checksum(body)}`;
}

function kindOf(text: string, start: number): BearerTokenKind | undefined {
  for (const [kind, head] of heads) if (text.startsWith(head, start)) return kind;
  return undefined;
}

const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// 1 for the ASCII characters that are digits of base64url.
const isDigit = Uint8Array.from({ length: 128 }, (_, code) =>
  base64url.includes(String.fromCharCode(code)) ? 1 : 0,
);

/** CRC-32 (ISO 3309) of ASCII text as six base64url digits, so that garbage is refused before any look-up. */
function checksum(text: string): string {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index += 1) {
    crc = advanceCrc(crc, text.charCodeAt(index));
  }
  crc = ~crc;
  let digits = "";
  for (let digit = 0; digit < 6; digit += 1) digits += String.fromCharCode(crcDigit(crc, digit));
  return digits;
}

const crcTable = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

function advanceCrc(crc: number, byte: number): number {
  return (crc >>> 8) ^ (crcTable[(crc ^ byte) & 255] ?? 0);
}

// The character code of one of six digits: the lowest six bits first; the last digit has the two bits that are left.
function crcDigit(crc: number, digit: number): number {
  return base64url.charCodeAt((crc >>> (digit * 6)) & 63);
}
