import assert from "node:assert/strict";

/** What each row of a part of docs/limits.md must say: how much is accepted. */
export type Limits = Readonly<Record<string, () => string>>;

/** A number as the page has it. */
export const count = (value: number): string => value.toLocaleString("en-US");

/** A size in bytes or characters as the page has it. */
export const mebi = (value: number): string => `${value / 1024 / 1024} Mi`;

/** Whether it does not throw. */
export function passes(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

/** The length of the longest text that a test lets pass; there is one, and it is below 20,000. */
export function longest(passes: (text: string) => boolean, prefix = ""): string {
  let [good, bad] = [prefix.length, 20_000];
  const isGood = (length: number): boolean => passes(prefix.padEnd(length, "a"));
  assert.ok(isGood(prefix.length + 1) && !isGood(bad));
  while (bad - good > 1) {
    const middle = (good + bad) >>> 1;
    if (isGood(middle)) good = middle;
    else bad = middle;
  }
  return count(good);
}
