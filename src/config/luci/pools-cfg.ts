import { fullRealmName, poolName } from "../../domain/names.ts";
import { quote } from "../../domain/quote.ts";
import { createMessageReader, type PlacedText, type ReadingNotes } from "./message-reader.ts";
import type { TextFields, TextMessage } from "./text-tree.ts";

/** An entry of a LUCI pools.cfg: pools that are configured alike. */
export interface LuciPools {
  readonly names: readonly PlacedText[];
  readonly realm: PlacedText;
  readonly defaultTaskRealm: PlacedText | undefined;
}

/** Takes the pools out of the fields of a pools.cfg; problems and skipped fields go to `notes`. */
export function readPoolsCfg(fields: TextFields, notes: ReadingNotes): readonly LuciPools[] {
  const reader = createMessageReader("", { line: 1, column: 1 }, fields, notes);
  const entries = reader.messages("pool").map((message) => readEntry(message, notes));
  reader.finish();
  checkDistinct(entries, notes);
  return entries;
}

function readEntry({ position, fields }: TextMessage, notes: ReadingNotes): LuciPools {
  const reader = createMessageReader("pool", position, fields, notes);
  const report = (at: PlacedText, message: string): void => {
    notes.problems.push({ position: at.position, message: `${message}: ${quote(at.text)}` });
  };
  const names = reader.texts("name");
  if (!fields.some((field) => field.name === "name" && field.values.length > 0)) {
    notes.problems.push({ position, message: "pool has no name" });
  }
  for (const name of names) {
    if (!poolName.test(name.text)) report(name, `the name of a pool ${poolName.rule}`);
  }
  const realm = reader.requiredText("realm");
  const defaultTaskRealm = reader.optionalText("default_task_realm");
  for (const place of [realm, defaultTaskRealm]) {
    if (place === undefined || place.text === "" || fullRealmName.test(place.text)) continue;
    report(place, `the realm of a pool ${fullRealmName.rule}`);
  }
  refuseDeprecated(fields, reader, notes);
  reader.finish();
  return { names, realm, defaultTaskRealm };
}

/** These once decided who may do what, so LUCI refuses them instead of ignoring them. */
function refuseDeprecated(
  fields: TextFields,
  reader: ReturnType<typeof createMessageReader>,
  notes: ReadingNotes,
): void {
  const message = (name: string): string =>
    `${name} is deprecated, and LUCI refuses it: realms say who may do what in a pool`;
  reader.messages("schedulers");
  const schedulers = fields.find(({ name }) => name === "schedulers");
  if (schedulers !== undefined) {
    notes.problems.push({ position: schedulers.position, message: message("schedulers") });
  }
  const monitoring = reader.optionalText("bot_monitoring");
  if (monitoring !== undefined) {
    const text = "bot_monitoring is deprecated, and LUCI refuses it: leave it out";
    notes.problems.push({ position: monitoring.position, message: text });
  }
}

function checkDistinct(entries: readonly LuciPools[], notes: ReadingNotes): void {
  const first = new Map<string, number>();
  for (const { text, position } of entries.flatMap(({ names }) => names)) {
    const line = first.get(text);
    if (line === undefined) first.set(text, position.line);
    else {
      const message = `the pool is declared in line ${line} already: ${quote(text)}`;
      notes.problems.push({ position, message });
    }
  }
}
