import { isMap, isScalar, isSeq } from "yaml";
import { suggest } from "../config/suggest.ts";
import { quote } from "../domain/quote.ts";
import type { OptionKind } from "./option-kinds.ts";

/** Where a reader of an options file is, and where it says what is wrong. */
export interface Place {
  /** `jwt_issuers[0].audiences`. */
  readonly path: string;
  /** Where the key or the item stands that is being read. */
  readonly offset: number | undefined;
  /** Told about a problem at an offset of the file. */
  readonly report: (offset: number | undefined, line: string) => void;
}

/** A class of values of an options file, lists and mappings included. */
export interface Shape<T> {
  /** Reads a node of YAML. Undefined when it is none of this shape, which was reported then. */
  readonly read: (node: unknown, place: Place) => T | undefined;
}

/** A field of a mapping. */
export interface Field<T> {
  readonly shape: Shape<T>;
  /** Whether it must be given. */
  readonly required: boolean;
  /** The value of a field that need not be given and is not. */
  readonly preset: T | undefined;
}

/** The values of a mapping that has these fields. */
export type ValuesOf<F> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };

/** Says what is wrong with a field of a mapping whose fields are each good by themselves. */
export type ReportField<F> = (field: keyof F & string, message: string) => void;

/** One value. */
export function scalar<T>(kind: OptionKind<T>): Shape<T> {
  return {
    read(node, place) {
      const text = isScalar(node) && node.value !== null ? node.source : undefined;
      const value = text === undefined || text === "" ? undefined : kind.parse(text);
      if (value === undefined) report(node, place, `must be ${kind.rule}`);
      return value;
    },
  };
}

/** A list, the numbers of its items included. */
export function list<T>(shape: Shape<T>, least: number, most: number): Shape<readonly T[]> {
  return {
    read(node, place) {
      if (!isSeq(node)) return report(node, place, "must be a list");
      const { length } = node.items;
      if (length < least || length > most) {
        return report(node, place, `must have ${least} to ${most} items`);
      }
      return allOf(
        node.items.map((item, index) =>
          shape.read(item, { ...place, path: `${place.path}[${index}]`, offset: offsetOf(item) }),
        ),
      );
    },
  };
}

/** A list, or one item that stands for a list of its own. */
export function oneOrMore<T>(shape: Shape<T>, most: number): Shape<readonly T[]> {
  const many = list(shape, 1, most);
  return {
    read(node, place) {
      if (isSeq(node)) return many.read(node, place);
      const one = shape.read(node, place);
      return one === undefined ? undefined : [one];
    },
  };
}

/** A mapping of names that the user chooses. */
export function dictionary<T>(
  name: OptionKind<string>,
  shape: Shape<T>,
  most: number,
): Shape<ReadonlyMap<string, T>> {
  return {
    read(node, place) {
      if (!isMap(node)) return report(node, place, "must be a mapping");
      if (node.items.length > most) return report(node, place, `must have at most ${most} entries`);
      const names = new Set<string>();
      const entries = node.items.map(({ key, value }): readonly [string, T] | undefined => {
        const text = keyOf(key);
        const at = { ...place, path: `${place.path}[${quote(text ?? "")}]`, offset: offsetOf(key) };
        if (text === undefined || name.parse(text) === undefined) {
          return report(key, place, `every key must be ${name.rule}`);
        }
        // To YAML, 1 and "1" are two keys.
        if (names.has(text)) return report(key, at, "this name is there twice");
        names.add(text);
        const read = shape.read(value, at);
        return read === undefined ? undefined : [text, read];
      });
      const good = allOf(entries);
      return good === undefined ? undefined : new Map(good);
    },
  };
}

/** A field that must be given. */
export function required<T>(shape: Shape<T>): Field<T> {
  return { shape, required: true, preset: undefined };
}

/** A field that may be left out, with the value that it has then. */
export function optional<T, const P>(shape: Shape<T>, preset: P): Field<T | P> {
  return { shape, required: false, preset };
}

/**
 * A mapping of fixed fields. `finish` makes the value of them when all are good, and may report what does not go
 * together; then it returns undefined.
 */
export function mapping<F extends Readonly<Record<string, Field<unknown>>>, T>(
  fields: F,
  finish: (values: ValuesOf<F>, report: ReportField<F>) => T | undefined,
): Shape<T> {
  const names = Object.keys(fields);
  return {
    read(node, place) {
      if (!isMap(node)) return report(node, place, "must be a mapping");
      const at = (name: string, key?: unknown): Place => {
        return { ...place, path: `${place.path}.${name}`, offset: offsetOf(key) ?? offsetOf(node) };
      };
      const given = new Map<string, { readonly key: unknown; readonly value: unknown }>();
      let isGood = true;
      for (const { key, value } of node.items) {
        const name = keyOf(key);
        if (name !== undefined && names.includes(name)) given.set(name, { key, value });
        else {
          report(key, place, unknownField(name, names));
          isGood = false;
        }
      }
      const values: Record<string, unknown> = {};
      for (const [name, field] of Object.entries(fields)) {
        const pair = given.get(name);
        if (pair !== undefined) values[name] = field.shape.read(pair.value, at(name, pair.key));
        else if (field.required) report(undefined, at(name), "must be given");
        else values[name] = field.preset;
        if ((pair !== undefined || field.required) && values[name] === undefined) isGood = false;
      }
      if (!isGood) return undefined;
      return finish(values as ValuesOf<F>, (name, message) => {
        report(undefined, at(name, given.get(name)?.key), message);
      });
    },
  };
}

function unknownField(name: string | undefined, names: readonly string[]): string {
  if (name === undefined) return "every key must be the name of a field";
  const hint = suggest(name, names);
  return `${quote(name)} is no field of it${hint === "" ? "" : `; ${hint}`}`;
}

function report(node: unknown, place: Place, message: string): undefined {
  place.report(offsetOf(node) ?? place.offset, `${place.path}: ${message}`);
  return undefined;
}

function keyOf(node: unknown): string | undefined {
  return isScalar(node) && typeof node.source === "string" ? node.source : undefined;
}

function offsetOf(node: unknown): number | undefined {
  if (!isScalar(node) && !isMap(node) && !isSeq(node)) return undefined;
  return node.range?.[0];
}

function allOf<T>(values: readonly (T | undefined)[]): readonly T[] | undefined {
  const good = values.filter((value) => value !== undefined);
  return good.length === values.length ? good : undefined;
}
