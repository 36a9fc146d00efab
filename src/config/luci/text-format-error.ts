import type { TextPosition } from "./text-tree.ts";

/** Says that a text is not protobuf text format: where, and what was expected there. */
export class TextFormatError extends Error {
  override readonly name = "TextFormatError";
  readonly position: TextPosition;

  constructor(position: TextPosition, message: string) {
    super(message);
    this.position = position;
  }
}
