import type { Buffer } from "node:buffer";
import { ScalarType, type DescField, type DescMessage } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";

/** Reads the message that begins at `from` and ends with the bytes; undefined: it holds something that only the full decoder can judge. */
export type Decode = (bytes: Buffer, from: number) => object | undefined;

interface Cursor {
  readonly bytes: Buffer;
  at: number;
}

type Fields = Record<string, unknown>;

/** Reads one value of a field that ends before `end` into the message. False: give up. */
type ReadField = (cursor: Cursor, end: number, into: Fields) => boolean;

interface Compiled {
  /** What a message without a field set looks like. */
  readonly zero: Fields;
  /** The readers by the one-byte tags that their values have. */
  readonly byTag: (ReadField | undefined)[];
  /** False: it has fields of kinds that are not known here. */
  isReadable: boolean;
}

/**
 * Compiles a decoder of binary messages from their description. It takes what ordinary clients send and leaves all the
 * rest to the full decoder: unknown fields and wire types, messages given twice, long varints, bad UTF-8, whatever is
 * cut off. What it reads is what the full decoder reads. Messages of a type with fields of kinds that it does not know
 * are never read.
 */
export function compileDecoder(schema: DescMessage): Decode {
  const compiled = compile(schema, new Map());
  return (bytes, from) => readMessage(compiled, { bytes, at: from }, bytes.length);
}

function compile(schema: DescMessage, known: Map<DescMessage, Compiled>): Compiled {
  const found = known.get(schema);
  if (found !== undefined) return found;
  const zero: Fields = { $typeName: schema.typeName };
  const compiled: Compiled = { zero, byTag: [], isReadable: true };
  known.set(schema, compiled);
  for (const field of schema.fields) {
    const kind = kindOf(field, known);
    if (field.oneof !== undefined) zero[field.oneof.localName] = noCase;
    else if (kind === undefined) compiled.isReadable = false;
    else zero[field.localName] = field.fieldKind === "list" ? nothing : kind.zero;
    // Tags of one byte only: that is up to field 15.
    if (kind !== undefined && field.number < 16) {
      compiled.byTag[(field.number << 3) | kind.wireType] = fieldReader(field, kind);
    }
  }
  return compiled;
}

const noCase = Object.freeze({ case: undefined });
const nothing: readonly unknown[] = Object.freeze([]);

function readMessage(compiled: Compiled, cursor: Cursor, end: number): Fields | undefined {
  const { zero, byTag, isReadable } = compiled;
  if (!isReadable) return undefined;
  const message = { ...zero };
  const { bytes } = cursor;
  while (cursor.at < end) {
    const field = byTag[bytes[cursor.at++] ?? 0];
    if (field === undefined || !field(cursor, end, message)) return undefined;
  }
  return message;
}

function fieldReader(field: DescField, { readValue, merges }: Kind): ReadField {
  const { localName } = field;
  const place = field.oneof?.localName;
  if (place !== undefined) {
    return (cursor, end, into) => {
      // A second member of the oneof may have to be merged with the first.
      if (into[place] !== noCase) return false;
      const value = readValue(cursor, end);
      if (value === undefined) return false;
      into[place] = { case: localName, value };
      return true;
    };
  }
  if (field.fieldKind === "list") {
    return (cursor, end, into) => {
      const value = readValue(cursor, end);
      if (value === undefined) return false;
      const list = into[localName] as unknown[];
      if (list === nothing) into[localName] = [value];
      else list.push(value);
      return true;
    };
  }
  return (cursor, end, into) => {
    if (merges && into[localName] !== undefined) return false;
    const value = readValue(cursor, end);
    into[localName] = value;
    return value !== undefined;
  };
}

const varint = 0;
const lengthDelimited = 2;

/** How the values of a field are read. */
interface Kind {
  readonly wireType: typeof varint | typeof lengthDelimited;
  /** What an unset field holds; lists are told apart before. */
  readonly zero: unknown;
  /** Whether a value that comes again is merged with the one before, and does not replace it. */
  readonly merges: boolean;
  /** Undefined: give up. */
  readonly readValue: (cursor: Cursor, end: number) => unknown;
}

function kindOf(field: DescField, known: Map<DescMessage, Compiled>): Kind | undefined {
  const isList = field.fieldKind === "list";
  if (field.message !== undefined && field.fieldKind !== "map") {
    if (field.delimitedEncoding) return undefined;
    const inner = compile(field.message, known);
    const readValue = (cursor: Cursor, end: number): unknown => readInner(inner, cursor, end);
    return { wireType: lengthDelimited, zero: undefined, merges: true, readValue };
  }
  if (field.fieldKind === "enum") return enumKind(field);
  if (field.fieldKind !== "scalar" && !(isList && field.listKind === "scalar")) return undefined;
  const hasZero =
    isList || field.oneof !== undefined || field.presence === FeatureSet_FieldPresence.IMPLICIT;
  const kind = hasZero ? scalars[field.scalar] : undefined;
  // Lists of numbers are packed, or not.
  if (isList) return kind?.wireType === varint ? undefined : kind;
  if (kind?.readValue !== readString || isSecret(field)) return kind;
  return { ...kind, readValue: repeatedStringReader() };
}

// What a closed enum does not know is no value of the field.
function enumKind(field: Extract<DescField, { readonly fieldKind: "enum" }>): Kind | undefined {
  const isPlain = field.presence === FeatureSet_FieldPresence.IMPLICIT && field.enum.open;
  return isPlain ? scalars[ScalarType.INT32] : undefined;
}

// The contract of AclService says it in words alone: generators of some years ago break at the option.
const secretNames: ReadonlySet<string> = new Set(["caller_assertion"]);

/** Whether what a field holds must not be shown: then nothing of it is kept here, or compared. */
function isSecret({ name, proto }: DescField): boolean {
  return proto.options?.debugRedact === true || secretNames.has(name);
}

const scalars: Partial<Record<ScalarType, Kind>> = {
  [ScalarType.STRING]: {
    wireType: lengthDelimited,
    zero: "",
    merges: false,
    readValue: readString,
  },
  [ScalarType.BYTES]: {
    wireType: lengthDelimited,
    zero: new Uint8Array(0),
    merges: false,
    readValue: readBytes,
  },
  [ScalarType.BOOL]: { wireType: varint, zero: false, merges: false, readValue: readBool },
  [ScalarType.INT32]: { wireType: varint, zero: 0, merges: false, readValue: readSmall },
  [ScalarType.UINT32]: { wireType: varint, zero: 0, merges: false, readValue: readSmall },
};

/** A varint of at most three bytes; undefined: it is longer, or cut off. */
function readSmall(cursor: Cursor, end: number): number | undefined {
  const { bytes } = cursor;
  let value = 0;
  for (let shift = 0; shift < 21 && cursor.at < end; shift += 7) {
    const byte = bytes[cursor.at++] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return undefined;
}

function readBool(cursor: Cursor, end: number): boolean | undefined {
  const value = readSmall(cursor, end);
  return value === undefined ? undefined : value !== 0;
}

/** Where the value of a length-delimited field ends; undefined: beyond `end`. Its start is at the cursor then. */
function readEnd(cursor: Cursor, end: number): number | undefined {
  const length = readSmall(cursor, end);
  if (length === undefined || length > end - cursor.at) return undefined;
  return cursor.at + length;
}

function readInner(inner: Compiled, cursor: Cursor, end: number): Fields | undefined {
  const innerEnd = readEnd(cursor, end);
  return innerEnd === undefined ? undefined : readMessage(inner, cursor, innerEnd);
}

function readBytes(cursor: Cursor, end: number): Uint8Array | undefined {
  const stop = readEnd(cursor, end);
  if (stop === undefined) return undefined;
  const value = cursor.bytes.subarray(cursor.at, stop);
  cursor.at = stop;
  return value;
}

// Longer ones are not kept.
const maxKeptLength = 512;

/**
 * Reads the strings of a field that says the same as before more often than not: then that is taken, and nothing is made.
 * Not for secrets, of which it would keep the last one and take time by how much of it another one has.
 */
function repeatedStringReader(): Kind["readValue"] {
  let last = "";
  return (cursor, end) => {
    const start = cursor.at;
    const stop = readEnd(cursor, end);
    if (stop === undefined) return undefined;
    if (isLatin1(last, cursor.bytes, cursor.at, stop)) {
      cursor.at = stop;
      return last;
    }
    cursor.at = start;
    const value = readString(cursor, end);
    if (value !== undefined && value.length <= maxKeptLength) last = value;
    return value;
  };
}

// Names differ at their end.
function isLatin1(text: string, bytes: Buffer, from: number, to: number): boolean {
  if (to - from !== text.length) return false;
  for (let index = text.length - 1; index >= 0; index -= 1) {
    if (text.charCodeAt(index) !== bytes[from + index]) return false;
  }
  return true;
}

function readString(cursor: Cursor, end: number): string | undefined {
  const stop = readEnd(cursor, end);
  if (stop === undefined) return undefined;
  const { bytes, at: start } = cursor;
  cursor.at = stop;
  for (let at = start; at < stop; at += 1) {
    if ((bytes[at] ?? 0) > 0x7f) return undefined;
  }
  return bytes.toString("latin1", start, stop);
}
