import { Buffer } from "node:buffer";

const marker = "…";

/**
 * Cuts a text to at most `maxBytes` of UTF-8, with "…" at the end when anything is left out. Errors travel in
 * headers and trailers, and clients refuse those that are longer than 8 KiB together.
 */
export function boundText(text: string, maxBytes: number): string {
  // A code unit is at most three bytes, so a short text need not be measured.
  if (text.length * 3 <= maxBytes && text.isWellFormed()) return text;
  const whole = text.toWellFormed();
  if (Buffer.byteLength(whole) <= maxBytes) return whole;
  const room = maxBytes - Buffer.byteLength(marker);
  let size = 0;
  let end = 0;
  for (const character of whole) {
    size += Buffer.byteLength(character);
    if (size > room) break;
    end += character.length;
  }
  return whole.slice(0, end) + marker;
}
