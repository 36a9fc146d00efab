/** A place in a text. Both count from 1; columns count UTF-16 code units, a tab as one. */
export interface TextPosition {
  readonly line: number;
  readonly column: number;
}

/** The fields of a message of protobuf text format, in the order of the text. */
export type TextFields = readonly TextField[];

/** One occurrence of a field. */
export interface TextField {
  /** An identifier; or `[package.extension]` or `[domain/package.Type]` with its brackets, without blanks. */
  readonly name: string;
  /** Where the name starts. */
  readonly position: TextPosition;
  /** Whether the values were written as a list `[a, b]`, which may be empty; else there is one value. */
  readonly isList: boolean;
  readonly values: readonly TextValue[];
}

/** A value and where it starts. What type a field must have is not known here. */
export type TextValue = TextString | TextNumber | TextIdentifier | TextMessage;

/** Adjacent string literals, joined. */
export interface TextString {
  readonly kind: "string";
  readonly position: TextPosition;
  readonly text: string;
  /** False when escaped bytes are not UTF-8: `text` then holds U+FFFD for them. */
  readonly isUtf8: boolean;
}

/** A number: a bigint when it was written as an integer (decimal, octal, hexadecimal), else a number. */
export interface TextNumber {
  readonly kind: "number";
  readonly position: TextPosition;
  readonly value: bigint | number;
}

/** An enum value, `true`, `inf` and the like. Only `inf`, `infinity` and `nan` may be negative. */
export interface TextIdentifier {
  readonly kind: "identifier";
  readonly position: TextPosition;
  readonly name: string;
  readonly isNegative: boolean;
}

/** A message in `{ }` or `< >`. */
export interface TextMessage {
  readonly kind: "message";
  readonly position: TextPosition;
  readonly fields: TextFields;
}
