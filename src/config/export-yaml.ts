import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Configuration } from "../domain/model.ts";
import { ConfigSchema } from "../gen/fleetgate/config/v1/config_pb.ts";
import { toConfigMessage } from "./to-message.ts";
import { toYamlScalar } from "./yaml-scalar.ts";

/**
 * The canonical YAML of a configuration: fields in the order of the contract, defaults left out, texts
 * quoted only where YAML would read them as something else, lines ended by LF. Equal configurations give
 * equal texts. `schema` is the address of the JSON Schema that the first line names for editors.
 */
export function toYaml(configuration: Configuration, options: { schema?: string } = {}): string {
  const lines: string[] = [];
  if (options.schema !== undefined) lines.push(`# yaml-language-server: $schema=${options.schema}`);
  const start = lines.length;
  addMessage(lines, ConfigSchema, toConfigMessage(configuration), "");
  if (lines.length === start) lines.push("{}");
  return `${lines.join("\n")}\n`;
}

/** Adds the fields of a message that are not at their default, each line behind the indent. */
function addMessage(lines: string[], desc: DescMessage, message: object, indent: string): void {
  for (const field of desc.fields) {
    const value = (message as Readonly<Record<string, unknown>>)[field.localName];
    if (isDefault(value)) continue;
    if (field.fieldKind === "list") {
      lines.push(`${indent}${field.name}:`);
      for (const item of value as readonly unknown[]) addItem(lines, field, item, `${indent}  `);
    } else if (field.message !== undefined) {
      const start = lines.length;
      addMessage(lines, field.message, value as object, `${indent}  `);
      const isEmpty = lines.length === start;
      lines.splice(start, 0, `${indent}${field.name}:${isEmpty ? " {}" : ""}`);
    } else {
      lines.push(
        `${indent}${field.name}: ${toYamlScalar(value as string | boolean, `${indent}  `)}`,
      );
    }
  }
}

function addItem(lines: string[], field: DescField, item: unknown, indent: string): void {
  if (field.message === undefined) {
    lines.push(`${indent}- ${toYamlScalar(item as string, `${indent}  `)}`);
    return;
  }
  const start = lines.length;
  addMessage(lines, field.message, item as object, `${indent}  `);
  const first = lines[start];
  if (first === undefined) lines.push(`${indent}- {}`);
  // The dash stands where the last two spaces of the indent were.
  else lines[start] = `${indent}- ${first.slice(indent.length + 2)}`;
}

function isDefault(value: unknown): boolean {
  return (
    value === undefined ||
    value === "" ||
    value === false ||
    (Array.isArray(value) && value.length === 0)
  );
}
