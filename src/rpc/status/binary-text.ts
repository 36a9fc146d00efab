import { Buffer } from "node:buffer";

// Bytes as a text of the characters U+0000 to U+00FF, one for each: put together by concatenation, which costs next to
// nothing, and turned into bytes or base64 once.

/** A message in plain values that can say its bytes at less cost than an encoder. */
export abstract class SelfEncoded {
  /** The message in binary, each byte a character. */
  abstract binary(): string;
}

/** The UTF-8 bytes of a text, which is well-formed Unicode, each byte a character. ASCII is that already. */
export function utf8Binary(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString("latin1");
}

/** A field of protobuf with a varint from 0 to 2^32 - 1. */
export function varintField(number: number, value: number): string {
  return varint(number << 3) + varint(value);
}

/** A field of protobuf with a number of 64 bits, which counts as negative from 2^63 on. */
export function longField(number: number, value: bigint): string {
  return varint(number << 3) + longVarint(value);
}

/** A field of protobuf with bytes. */
export function lengthDelimited(number: number, bytes: string): string {
  return varint((number << 3) | 2) + varint(bytes.length) + bytes;
}

/** Base64 without padding, as headers and the errors of Connect want it. */
export function toBase64(bytes: string): string {
  const padded = Buffer.from(bytes, "latin1").toString("base64");
  const excess = bytes.length % 3;
  return excess === 0 ? padded : padded.slice(0, excess - 3);
}

function varint(value: number): string {
  let bytes = "";
  let rest = value;
  for (; rest > 127; rest >>>= 7) bytes += String.fromCharCode((rest & 127) | 128);
  return bytes + String.fromCharCode(rest);
}

function longVarint(value: bigint): string {
  if (value >= 0n && value < 0x8000_0000n) return varint(Number(value));
  let bytes = "";
  let rest = BigInt.asUintN(64, value);
  for (; rest > 127n; rest >>= 7n) bytes += String.fromCharCode(Number(rest & 127n) | 128);
  return bytes + String.fromCharCode(Number(rest));
}
