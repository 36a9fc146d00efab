import { createMessageReader, type PlacedText, type ReadingNotes } from "./message-reader.ts";
import type { TextFields, TextMessage, TextPosition } from "./text-tree.ts";

/** The content of a LUCI realms.cfg. Names are as in the file: their form is not checked yet. */
export interface RealmsCfg {
  readonly realms: readonly LuciRealm[];
  readonly customRoles: readonly LuciCustomRole[];
}

/** A realm of a project. */
export interface LuciRealm {
  readonly name: PlacedText;
  readonly extends: readonly PlacedText[];
  readonly bindings: readonly LuciBinding[];
  readonly enforceInService: readonly PlacedText[];
}

/** A role for principals. */
export interface LuciBinding {
  readonly position: TextPosition;
  readonly role: PlacedText;
  readonly principals: readonly PlacedText[];
  readonly conditions: readonly LuciCondition[];
  /** Whether it holds a field or a kind of condition that is not known here, which might narrow it. */
  readonly isPartlyUnknown: boolean;
}

/** A condition of the only kind there is: an attribute has one of some values. */
export interface LuciCondition {
  readonly attribute: PlacedText;
  readonly values: readonly PlacedText[];
}

/** A role that only this project can bind. */
export interface LuciCustomRole {
  readonly name: PlacedText;
  readonly extends: readonly PlacedText[];
  readonly permissions: readonly PlacedText[];
}

/** Takes the content of a realms.cfg out of its fields; problems and skipped fields go to `notes`. */
export function readRealmsCfg(fields: TextFields, notes: ReadingNotes): RealmsCfg {
  const reader = createMessageReader("", { line: 1, column: 1 }, fields, notes);
  const realms = reader.messages("realms").map((message) => readRealm(message, notes));
  const customRoles = reader
    .messages("custom_roles")
    .map((message) => readCustomRole(message, notes));
  reader.finish();
  return { realms, customRoles };
}

function readRealm({ position, fields }: TextMessage, notes: ReadingNotes): LuciRealm {
  const reader = createMessageReader("realms", position, fields, notes);
  const realm = {
    name: reader.requiredText("name"),
    extends: reader.texts("extends"),
    bindings: reader.messages("bindings").map((message) => readBinding(message, notes)),
    enforceInService: reader.texts("enforce_in_service"),
  };
  reader.finish();
  return realm;
}

function readCustomRole({ position, fields }: TextMessage, notes: ReadingNotes): LuciCustomRole {
  const reader = createMessageReader("custom_roles", position, fields, notes);
  const role = {
    name: reader.requiredText("name"),
    extends: reader.texts("extends"),
    permissions: reader.texts("permissions"),
  };
  reader.finish();
  return role;
}

function readBinding({ position, fields }: TextMessage, notes: ReadingNotes): LuciBinding {
  const reader = createMessageReader("realms.bindings", position, fields, notes);
  const role = reader.requiredText("role");
  const principals = reader.texts("principals");
  const found = reader.messages("conditions").map((message) => readCondition(message, notes));
  const conditions = found.filter((condition) => condition !== undefined);
  const isPartlyUnknown = reader.finish() > 0 || conditions.length < found.length;
  return { position, role, principals, conditions, isPartlyUnknown };
}

/** Undefined when the condition says more, or other things, than is known here. */
function readCondition(
  { position, fields }: TextMessage,
  notes: ReadingNotes,
): LuciCondition | undefined {
  const path = "realms.bindings.conditions";
  const reader = createMessageReader(path, position, fields, notes);
  const restrict = reader.message("restrict");
  const unknownFields = reader.finish();
  if (restrict === undefined) return undefined;
  const inner = createMessageReader(`${path}.restrict`, restrict.position, restrict.fields, notes);
  const condition = {
    attribute: inner.requiredText("attribute"),
    values: inner.texts("values"),
  };
  return inner.finish() + unknownFields > 0 ? undefined : condition;
}
