import { setTimeout } from "node:timers/promises";

/**
 * Asks again until there is an answer, and returns it; throws when there is none after `timeoutMs`. An
 * undefined or false answer is none.
 */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined | false> | T | undefined | false,
  timeoutMs = 60_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await setTimeout(20);
  }
}
