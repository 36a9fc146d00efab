import { sortBytewise } from "./bytewise.ts";
import type { EntityChange } from "./entity.ts";

/** How one field of an entity differs: as a set of texts, or as two values in JSON (undefined: there is none). */
export type FieldDiff =
  | {
      readonly kind: "set";
      /** As in configuration files. */
      readonly field: string;
      /** What is new in it, sorted. */
      readonly added: readonly string[];
      /** What is gone from it, sorted. */
      readonly removed: readonly string[];
    }
  | {
      readonly kind: "value";
      readonly field: string;
      readonly before: string | undefined;
      readonly after: string | undefined;
    };

/** What nobody is shown. */
const secretFields: ReadonlySet<string> = new Set(["secretHash"]);

/**
 * The fields in which a change makes an entity differ, by name; of a new entity or one that is gone all that are not
 * empty. Lists of texts are compared as sets, on exact text. The hash of a secret is left out.
 */
export function diffFields({ before, after }: EntityChange): readonly FieldDiff[] {
  const old: Readonly<Record<string, unknown>> = { ...before };
  const now: Readonly<Record<string, unknown>> = { ...after };
  const names = new Set([...Object.keys(old), ...Object.keys(now)]);
  const diffs: FieldDiff[] = [];
  for (const name of sortBytewise(names)) {
    if (secretFields.has(name)) continue;
    const diff = diffField(toSnakeCase(name), old[name], now[name]);
    if (diff !== undefined) diffs.push(diff);
  }
  return diffs;
}

function diffField(field: string, before: unknown, after: unknown): FieldDiff | undefined {
  if (isTexts(before ?? after) && isTexts(after ?? before)) {
    const old = new Set(isTexts(before) ? before : []);
    const now = new Set(isTexts(after) ? after : []);
    const added = sortBytewise([...now].filter((text) => !old.has(text)));
    const removed = sortBytewise([...old].filter((text) => !now.has(text)));
    return added.length + removed.length === 0 ? undefined : { kind: "set", field, added, removed };
  }
  const old = toJson(before);
  const now = toJson(after);
  return old === now ? undefined : { kind: "value", field, before: old, after: now };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}

/** The value as JSON; undefined when it is empty: a field that is left out. */
function toJson(value: unknown): string | undefined {
  const isEmpty =
    value === undefined ||
    value === null ||
    value === "" ||
    value === false ||
    (Array.isArray(value) && value.length === 0);
  return isEmpty ? undefined : JSON.stringify(value);
}

function toSnakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
