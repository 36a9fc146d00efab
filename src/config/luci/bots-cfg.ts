import { poolName } from "../../domain/names.ts";
import { quote } from "../../domain/quote.ts";
import { createMessageReader, type PlacedText, type ReadingNotes } from "./message-reader.ts";
import type { TextFields, TextMessage, TextPosition } from "./text-tree.ts";

/** The content of a LUCI bots.cfg that decides in which pools a bot is. */
export interface BotsCfg {
  readonly trustedDimensions: readonly PlacedText[];
  readonly groups: readonly LuciBotGroup[];
}

/** Bots and their dimensions. One without ids and prefixes is the default group. */
export interface LuciBotGroup {
  readonly position: TextPosition;
  readonly botIds: readonly PlacedText[];
  readonly botIdPrefixes: readonly PlacedText[];
  /** The values of the dimension `pool`. */
  readonly pools: readonly PlacedText[];
  /** The keys of all other dimensions. */
  readonly otherDimensions: readonly PlacedText[];
}

/**
 * Takes the content of a bots.cfg out of its fields; problems and skipped fields go to `notes`. Whether ids and
 * prefixes of different groups meet is not judged here.
 */
export function readBotsCfg(fields: TextFields, notes: ReadingNotes): BotsCfg {
  const start = { line: 1, column: 1 };
  const reader = createMessageReader("", start, fields, notes);
  const trustedDimensions = reader.texts("trusted_dimensions");
  for (const key of trustedDimensions) checkKey(key, notes);
  if (!trustedDimensions.some(({ text }) => text === "pool")) {
    const at = trustedDimensions[0]?.position ?? start;
    notes.problems.push({ position: at, message: 'trusted_dimensions must contain "pool"' });
  }
  const groups = reader.messages("bot_group").map((message) => readGroup(message, notes));
  reader.finish();
  return { trustedDimensions, groups };
}

function readGroup({ position, fields }: TextMessage, notes: ReadingNotes): LuciBotGroup {
  const reader = createMessageReader("bot_group", position, fields, notes);
  const botIds = reader.texts("bot_id");
  const botIdPrefixes = reader.texts("bot_id_prefix");
  const dimensions = reader
    .texts("dimensions")
    .flatMap((dimension) => readDimension(dimension, notes) ?? []);
  if (!fields.some(({ name, values }) => name === "auth" && values.length > 0)) {
    notes.problems.push({ position, message: "bot_group has no auth" });
  }
  reader.finish();
  const pools = dimensions.filter(({ key }) => key.text === "pool").map(({ value }) => value);
  for (const pool of pools) {
    if (poolName.test(pool.text)) continue;
    const message = `the name of a pool ${poolName.rule}: ${quote(pool.text)}`;
    notes.problems.push({ position: pool.position, message });
  }
  const others = dimensions.map(({ key }) => key).filter(({ text }) => text !== "pool");
  return { position, botIds, botIdPrefixes, pools, otherDimensions: others };
}

const maxValueLength = 256;

/** Cuts `key:value` at its first colon; undefined when that is a problem. */
function readDimension(
  { text, position }: PlacedText,
  notes: ReadingNotes,
): { readonly key: PlacedText; readonly value: PlacedText } | undefined {
  const report = (message: string): undefined => {
    notes.problems.push({ position, message: `${message}: ${quote(text)}` });
  };
  const colon = text.indexOf(":");
  if (colon < 0) return report('a dimension must be "key:value"');
  const key = { text: text.slice(0, colon), position };
  const value = { text: text.slice(colon + 1), position };
  if (!checkKey(key, notes)) return undefined;
  if (value.text === "" || value.text.length > maxValueLength || value.text.trim() !== value.text) {
    return report(
      `the value of a dimension must be 1 to ${maxValueLength} characters without space at either end`,
    );
  }
  return { key, value };
}

function checkKey({ text, position }: PlacedText, notes: ReadingNotes): boolean {
  if (/^[a-zA-Z_.-][0-9a-zA-Z_.-]{0,63}$/.test(text)) return true;
  const rule = 'must be 1 to 64 of "0-9 a-z A-Z _ - ." and not start with a digit';
  notes.problems.push({ position, message: `the key of a dimension ${rule}: ${quote(text)}` });
  return false;
}
