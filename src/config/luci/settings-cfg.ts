import { groupName } from "../../domain/names.ts";
import { quote } from "../../domain/quote.ts";
import { createMessageReader, type PlacedText, type ReadingNotes } from "./message-reader.ts";
import type { TextFields } from "./text-tree.ts";

/** The groups of the server level, in the order of the contract. */
export const settingsGroups = [
  "admins_group",
  "bot_bootstrap_group",
  "privileged_users_group",
  "users_group",
  "view_all_bots_group",
  "view_all_tasks_group",
] as const;

/** The groups that `auth` of a LUCI settings.cfg names; those left out or empty are absent. */
export type LuciSettings = Partial<Record<(typeof settingsGroups)[number], PlacedText>>;

/** Takes the groups out of the fields of a settings.cfg; problems and skipped fields go to `notes`. */
export function readSettingsCfg(fields: TextFields, notes: ReadingNotes): LuciSettings {
  const reader = createMessageReader("", { line: 1, column: 1 }, fields, notes);
  const auth = reader.message("auth");
  reader.finish();
  if (auth === undefined) return {};
  const inner = createMessageReader("auth", auth.position, auth.fields, notes);
  const settings: LuciSettings = {};
  for (const field of settingsGroups) {
    const name = inner.optionalText(field);
    if (name === undefined) continue;
    settings[field] = name;
    if (groupName.test(name.text)) continue;
    const message = `the name of a group ${groupName.rule}: ${quote(name.text)}`;
    notes.problems.push({ position: name.position, message });
  }
  inner.finish();
  return settings;
}
