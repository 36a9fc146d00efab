import { invalidField } from "../../domain/errors.ts";

/** The most audiences that one credential lists. */
export const maxAudiences = 16;

const audienceName = /^[a-z0-9._-]{1,64}$/;

/** Whether a text may name a service that is shown credentials. */
export function isAudience(text: string): boolean {
  return audienceName.test(text);
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The audiences that a request lists, each once, sorted. Fails with INVALID_FIELD (`audiences`). */
export function requestedAudiences(audiences: readonly string[]): readonly string[] {
  if (audiences.length > maxAudiences) {
    throw invalidField("audiences", `must be at most ${maxAudiences}`);
  }
  if (!audiences.every(isAudience)) {
    throw invalidField("audiences", 'each must be 1 to 64 of "a-z 0-9 . _ -"');
  }
  return [...new Set(audiences)].sort();
}

/** A UUID in lower case, as storage has it. Fails with INVALID_FIELD. */
export function requestedUuid(field: string, text: string): string {
  const lower = text.toLowerCase();
  if (!uuid.test(lower)) throw invalidField(field, "must be a UUID");
  return lower;
}

/** How long something may live, in milliseconds, and how a request hears of it. */
export interface Lifetimes {
  readonly min: number;
  readonly max: number;
  /** What is meant when the request says nothing. */
  readonly usual: number;
  /** Both bounds in words: "1 minute to 30 days". */
  readonly words: string;
}

/** How long a request wants something to live, in whole milliseconds. Fails with INVALID_FIELD. */
export function requestedLifetime(
  field: string,
  wantedMs: number | undefined,
  { min, max, usual, words }: Lifetimes,
): number {
  const ms = wantedMs ?? usual;
  // Not a number is not within them either.
  if (!(ms >= min && ms <= max)) throw invalidField(field, `must be ${words}`);
  return Math.floor(ms);
}
