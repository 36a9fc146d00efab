import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";

const messageFields = new WeakMap<DescMessage, readonly DescField[]>();

/**
 * The full name of the first message, the given one or one inside it, that holds a field which its schema
 * does not have; undefined when there is none.
 */
export function findUnknownField(schema: DescMessage, message: Message): string | undefined {
  if (message.$unknown !== undefined && message.$unknown.length > 0) return schema.typeName;
  for (const field of fieldsWithMessages(schema)) {
    if (field.message === undefined) continue;
    for (const child of childrenOf(field, message)) {
      const found = findUnknownField(field.message, child);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function fieldsWithMessages(schema: DescMessage): readonly DescField[] {
  let fields = messageFields.get(schema);
  if (fields === undefined) {
    fields = schema.fields.filter((field) => field.message !== undefined);
    messageFields.set(schema, fields);
  }
  return fields;
}

function childrenOf(field: DescField, message: Message): readonly Message[] {
  const values = message as unknown as Readonly<Record<string, unknown>>;
  if (field.oneof !== undefined) {
    const chosen = values[field.oneof.localName] as { case?: string; value?: Message };
    return chosen.case === field.localName && chosen.value !== undefined ? [chosen.value] : [];
  }
  const value = values[field.localName];
  if (value === undefined) return [];
  if (field.fieldKind === "list") return value as readonly Message[];
  if (field.fieldKind === "map") return Object.values(value as Record<string, Message>);
  return [value as Message];
}
