import { Buffer } from "node:buffer";
import { ScalarType, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import {
  lengthDelimited,
  longField,
  SelfEncoded,
  utf8Binary,
  varintField,
} from "../status/binary-text.ts";

/** Writes a message, given as plain values, in binary: to the byte what the full encoder writes. */
export type Encode = (message: object) => Uint8Array;

type Fields = Readonly<Record<string, unknown>>;

/** A message in binary as a text of one character a byte; see binary-text.ts. */
type Write = (message: Fields) => string;

/**
 * Compiles an encoder of messages of a type from its description; undefined: the type has fields of kinds that it does not
 * know, here or in a message inside. A field that is left out counts as empty. Values must fit their fields: strings
 * are well-formed Unicode, numbers whole.
 */
export function compileEncoder(schema: DescMessage): Encode | undefined {
  const write = compile(schema, []);
  return write && ((message) => Buffer.from(write(message as Fields), "latin1"));
}

/** The same for a part of a message: as a text of one character a byte, for a SelfEncoded. */
export function compileBinary(schema: DescMessage): ((message: object) => string) | undefined {
  const write = compile(schema, []);
  // What was put together piece by piece is made one piece, since it is kept.
  return write && ((message) => Buffer.from(write(message as Fields), "latin1").toString("latin1"));
}

function compile(schema: DescMessage, outer: readonly DescMessage[]): Write | undefined {
  // No response of ours holds messages of its own type.
  if (outer.includes(schema)) return undefined;
  const writers: Write[] = [];
  // The full encoder writes fields by their numbers.
  for (const field of schema.fields.toSorted((left, right) => left.number - right.number)) {
    const write = compileField(field, [...outer, schema]);
    if (write === undefined) return undefined;
    writers.push(write);
  }
  return (message) => {
    let bytes = "";
    for (const write of writers) bytes += write(message);
    return bytes;
  };
}

function compileField(field: DescField, outer: readonly DescMessage[]): Write | undefined {
  const { localName, number } = field;
  if (field.oneof !== undefined || field.fieldKind === "map") return undefined;
  if (field.message !== undefined) {
    if (field.delimitedEncoding) return undefined;
    const inner = compile(field.message, outer);
    if (inner === undefined) return undefined;
    const write = (value: unknown): string =>
      lengthDelimited(
        number,
        value instanceof SelfEncoded ? value.binary() : inner(value as Fields),
      );
    return field.fieldKind === "list" ? eachOf(localName, write) : unlessAbsent(localName, write);
  }
  if (field.fieldKind === "list") {
    if (field.listKind !== "scalar" || field.scalar !== ScalarType.STRING) return undefined;
    return eachOf(localName, (value) => lengthDelimited(number, utf8Binary(value as string)));
  }
  if (field.presence !== FeatureSet_FieldPresence.IMPLICIT) return undefined;
  if (field.fieldKind === "enum") return compileScalar(localName, number, ScalarType.INT32);
  return compileScalar(localName, number, field.scalar);
}

function compileScalar(localName: string, number: number, type: ScalarType): Write | undefined {
  switch (type) {
    case ScalarType.STRING:
      return unlessAbsent(localName, (value) =>
        value === "" ? "" : lengthDelimited(number, utf8Binary(value as string)),
      );
    case ScalarType.BYTES:
      return unlessAbsent(localName, (value) => bytesField(number, value as Uint8Array));
    case ScalarType.INT32:
    case ScalarType.UINT32:
      return unlessAbsent(localName, (value) => (value === 0 ? "" : intField(number, value)));
    case ScalarType.BOOL:
      return unlessAbsent(localName, (value) => (value === true ? varintField(number, 1) : ""));
    case ScalarType.INT64:
      return unlessAbsent(localName, (value) =>
        value === 0n ? "" : longField(number, value as bigint),
      );
    default:
      return undefined;
  }
}

// A negative one is written with 64 bits.
function intField(number: number, value: unknown): string {
  const int = value as number;
  return int < 0 ? longField(number, BigInt(int)) : varintField(number, int);
}

function bytesField(number: number, value: Uint8Array): string {
  if (value.length === 0) return "";
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  return lengthDelimited(number, bytes.toString("latin1"));
}

function unlessAbsent(localName: string, write: (value: unknown) => string): Write {
  return (message) => {
    const value = message[localName];
    return value === undefined ? "" : write(value);
  };
}

function eachOf(localName: string, write: (value: unknown) => string): Write {
  return (message) => {
    let bytes = "";
    for (const value of (message[localName] ?? []) as readonly unknown[]) bytes += write(value);
    return bytes;
  };
}
