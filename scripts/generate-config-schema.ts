import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { format } from "prettier";

// Writes a JSON Schema for editors, made from one file of proto/fleetgate/config/v1 and its comments. A
// field whose comment says "Required" is required. On the command line stand the file to write and the
// first message of the proto file; left out, they are those of the configuration.

const protoFolder = "proto/fleetgate/config/v1";
const [output = "schemas/config.schema.json", rootName = "Config"] = process.argv.slice(2);
const titles: Readonly<Record<string, string>> = {
  Config: "Fleetgate configuration",
  TestSuite: "Fleetgate policy tests",
};

/** What is used of a descriptor image in its JSON form. */
interface FileDescriptor {
  readonly messageType: readonly MessageDescriptor[];
  readonly sourceCodeInfo: {
    readonly location: readonly {
      readonly path?: readonly number[];
      readonly leadingComments?: string;
    }[];
  };
}

interface MessageDescriptor {
  readonly name: string;
  readonly field?: readonly FieldDescriptor[];
}

interface FieldDescriptor {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly typeName?: string;
}

type Schema = Readonly<Record<string, unknown>>;

// The numbers of these fields in descriptor.proto make up the paths of comments.
const messageTypeField = 4;
const fieldField = 2;

const schema = toSchema(buildFiles());
mkdirSync(dirname(output), { recursive: true });
writeFileSync(output, await format(JSON.stringify(schema), { parser: "json", printWidth: 100 }));

function buildFiles(): readonly FileDescriptor[] {
  const args = ["build", "-o", "-#format=json", "--path", protoFolder];
  const { status, error, stdout } = spawnSync("buf", args, {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`buf ${args.join(" ")} exited with ${status}`);
  return (JSON.parse(stdout) as { readonly file: readonly FileDescriptor[] }).file;
}

function toSchema(files: readonly FileDescriptor[]): Schema {
  const file = files.find(({ messageType }) => messageType.some(({ name }) => name === rootName));
  const definitions: Record<string, Schema> = {};
  if (file === undefined) throw new Error(`${protoFolder} has no message ${rootName}`);
  for (const [index, message] of file.messageType.entries()) {
    definitions[message.name] = messageSchema(file, message, [messageTypeField, index]);
  }
  const { [rootName]: root, ...others } = definitions;
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: titles[rootName],
    ...root,
    definitions: others,
  };
}

function messageSchema(
  file: FileDescriptor,
  message: MessageDescriptor,
  path: readonly number[],
): Schema {
  const properties: Record<string, Schema> = {};
  const required: string[] = [];
  for (const [index, field] of (message.field ?? []).entries()) {
    const comment = commentAt(file, [...path, fieldField, index]);
    if (/\bRequired\b/.test(comment)) required.push(field.name);
    properties[field.name] = fieldSchema(field, comment);
  }
  return {
    description: commentAt(file, path),
    type: "object",
    properties,
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
}

function fieldSchema(field: FieldDescriptor, description: string): Schema {
  const type = typeSchema(field);
  if (field.label === "LABEL_REPEATED") return { description, type: "array", items: type };
  // Draft 7 ignores everything beside a $ref.
  return "$ref" in type ? { description, allOf: [type] } : { description, ...type };
}

function typeSchema(field: FieldDescriptor): Schema {
  switch (field.type) {
    case "TYPE_STRING":
      return { type: "string" };
    case "TYPE_BOOL":
      return { type: "boolean" };
    case "TYPE_INT32":
      return { type: "integer", minimum: 0 };
    case "TYPE_MESSAGE":
      return { $ref: `#/definitions/${shortName(field.typeName ?? "")}` };
    default:
      throw new Error(
        `the field ${field.name} has the type ${field.type}, which is not known here`,
      );
  }
}

function shortName(typeName: string): string {
  return typeName.slice(typeName.lastIndexOf(".") + 1);
}

function commentAt(file: FileDescriptor, path: readonly number[]): string {
  const key = path.join(".");
  const found = file.sourceCodeInfo.location.find((location) => location.path?.join(".") === key);
  const comment = (found?.leadingComments ?? "").trim().replace(/\s*\n\s*/g, " ");
  if (comment === "") throw new Error(`nothing is said about ${key} in ${protoFolder}`);
  return comment;
}
