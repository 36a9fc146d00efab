import type { Config } from "../gen/fleetgate/config/v1/config_pb.ts";

/** One step of a path: the name of a field or the index of an item. */
export type PathSegment = string | number;

/** A position in a text, both from 1; both 0 when unknown. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The position of what was not read from a text. */
export const unknownPosition: Position = { line: 0, column: 0 };

/** A file, for the places in it. */
export interface PlacedFile {
  /** Its name, as its input says. */
  readonly path: string;
  /** Its number among the files, from 0. */
  readonly index: number;
  /** The position of a field or item, or of the nearest thing around it that stands in the text. */
  readonly locate: (segments: readonly PathSegment[]) => Position;
}

/** A file after reading. */
export interface ReadFile<T> extends PlacedFile {
  /** What it holds. Where something could not be read there is an empty value, so that indexes hold. */
  readonly message: T;
}

/** A file of a configuration after reading. */
export interface SourceFile extends PlacedFile {
  /** What it holds; see ReadFile. */
  readonly config: Config;
}

/** A field or item of a file; without a file, something that no file of this source holds. */
export interface Place {
  readonly file: PlacedFile | undefined;
  readonly segments: readonly PathSegment[];
}

/** The place of something that stands in no file. */
export const nowhere: Place = { file: undefined, segments: [] };

/** A place inside of another one. */
export function within(place: Place, ...segments: readonly PathSegment[]): Place {
  return { file: place.file, segments: [...place.segments, ...segments] };
}

/** A path as text, e.g. `projects[0].realms[2].name`. */
export function formatPath(segments: readonly PathSegment[]): string {
  let text = "";
  for (const segment of segments) {
    if (typeof segment === "number") text += `[${segment}]`;
    else text += text === "" ? segment : `.${segment}`;
  }
  return text;
}
