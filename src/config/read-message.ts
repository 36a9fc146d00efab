import {
  create,
  ScalarType,
  type DescField,
  type DescMessage,
  type MessageShape,
} from "@bufbuild/protobuf";
import { isAlias, isMap, isNode, isScalar, isSeq, type Node, type YAMLMap } from "yaml";
import { maxAliasedNodes, type AliasResolver } from "./aliases.ts";
import { within, type Place, type Position } from "./place.ts";
import type { ProblemList } from "./problem-list.ts";
import { show } from "./show.ts";
import { findNearest } from "./suggest.ts";
import { reportWrongType } from "./wrong-type.ts";

/** What reading needs besides the tree. */
export interface ReadContext {
  readonly problems: ProblemList;
  readonly aliases: AliasResolver;
  readonly position: (node: Node | null) => Position | undefined;
  /** Whether an alias leads here. */
  readonly aliased?: boolean;
}

/** A node without aliases, and the context for what is in it. */
interface Resolved {
  readonly node: Node | null;
  readonly context: ReadContext;
}

/**
 * Reads a message from a mapping by its descriptor: fields have their names of the contract. Every
 * problem is added to the list; what cannot be read is left at its default, items at an empty value.
 */
export function readMessage<Desc extends DescMessage>(
  desc: Desc,
  map: YAMLMap,
  place: Place,
  context: ReadContext,
): MessageShape<Desc> {
  const message = create(desc);
  const fields = new Map(desc.fields.map((field) => [field.name, field]));
  const seen = new Set<string>();
  for (const { key, value } of map.items) {
    if (!countAliased(place, context)) break;
    const at = context.position(isNode(key) ? key : map);
    const name = isScalar(key) ? String(key.value) : undefined;
    if (name === undefined) {
      context.problems.error(place, "the name of a field is not a text", "", at);
      continue;
    }
    const field = fields.get(name);
    if (field === undefined) {
      reportUnknown(name, fields, place, context, at);
    } else if (seen.has(name)) {
      const hint = "join the two, or take one away";
      context.problems.error(within(place, name), `${show(name)} stands here twice`, hint, at);
    } else {
      const read = readField(field, isNode(value) ? value : null, within(place, name), context);
      if (read !== undefined) Object.assign(message, { [field.localName]: read });
    }
    seen.add(name);
  }
  return message;
}

function reportUnknown(
  name: string,
  fields: ReadonlyMap<string, DescField>,
  place: Place,
  { problems }: ReadContext,
  position: Position | undefined,
): void {
  const snakeCase = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const nearest = fields.has(snakeCase) ? snakeCase : findNearest(name, fields.keys());
  const hint =
    name === "<<"
      ? "merge keys are not supported: write the fields out"
      : nearest === snakeCase
        ? `write it as snake_case: "${snakeCase}"`
        : nearest === undefined
          ? `the fields here are ${[...fields.keys()].join(", ")}`
          : `did you mean "${nearest}"?`;
  problems.error(within(place, name), `unknown field ${show(name)}`, hint, position);
  // What was meant is not missing: it is here.
  if (nearest !== undefined) problems.markBroken(within(place, nearest));
}

function readField(
  field: DescField,
  given: Node | null,
  place: Place,
  outer: ReadContext,
): unknown {
  const { node, context } = resolve(given, place, outer);
  if (field.fieldKind !== "list") return readSingle(field, node, place, context);
  if (!isSeq(node)) {
    const items = field.listKind === "message" ? "mappings" : "texts";
    reportWrongType(`a list of ${items}`, node, place, context);
    return undefined;
  }
  const values: unknown[] = [];
  for (const [index, item] of node.items.entries()) {
    const itemPlace = within(place, index);
    const resolved = resolve(isNode(item) ? item : null, itemPlace, context);
    if (!countAliased(place, resolved.context)) break;
    values.push(readSingle(field, resolved.node, itemPlace, resolved.context) ?? emptyItem(field));
  }
  return values;
}

/** Reads a text, a boolean, a number or a message; undefined when it is none. */
function readSingle(
  field: DescField,
  node: Node | null,
  place: Place,
  context: ReadContext,
): unknown {
  if (field.message !== undefined) {
    if (isMap(node)) return readMessage(field.message, node, place, context);
    reportWrongType("a mapping", node, place, context);
    return undefined;
  }
  const value = isScalar(node) ? node.value : undefined;
  if (field.scalar === ScalarType.STRING) {
    if (typeof value === "string") return value;
    reportWrongType("a text", node, place, context);
    return undefined;
  }
  if (field.scalar === ScalarType.BOOL) {
    if (typeof value === "boolean") return value;
    reportWrongType("true or false", node, place, context);
    return undefined;
  }
  if (field.scalar === ScalarType.INT32) {
    if (typeof value === "number" && Number.isInteger(value) && Math.abs(value) <= maxInt32) {
      return value;
    }
    reportWrongType(`a whole number of at most ${maxInt32}`, node, place, context);
    return undefined;
  }
  throw new Error(`the configuration reader does not know the type of field ${field.toString()}`);
}

const maxInt32 = 2 ** 31 - 1;

function emptyItem(field: DescField): unknown {
  return field.message === undefined ? "" : create(field.message);
}

/** Counts a value that is read through an alias; once there are too many, says so and returns false. */
function countAliased(place: Place, { aliased, aliases, problems }: ReadContext): boolean {
  if (aliased !== true || aliases.count()) return true;
  const message = `aliases stand for more than ${maxAliasedNodes} values in this file`;
  problems.error(place, message, "write the values out");
  problems.markBroken(place);
  return false;
}

/** Follows an alias, within the limits, and refuses tags. */
function resolve(node: Node | null, place: Place, context: ReadContext): Resolved {
  if (!isAlias(node)) {
    if (node !== null && "tag" in node && isForeignTag(node.tag)) {
      const hint = "leave it out; only the types of JSON are supported";
      context.problems.error(place, `the tag ${show(node.tag)} is not supported`, hint);
      context.problems.markBroken(place);
    }
    return { node, context };
  }
  if (!context.aliases.enter()) {
    context.problems.error(place, "too many aliases in one file", "write the values out");
    context.problems.markBroken(place);
    return { node: null, context };
  }
  const target = context.aliases.find(node);
  if (target === undefined) {
    const hint = `put the anchor "&${node.source}" before it, or quote the text`;
    context.problems.error(place, `nothing has the anchor ${show(node.source)}`, hint);
    context.problems.markBroken(place);
  }
  return { node: target ?? null, context: { ...context, aliased: true } };
}

const plainTags: ReadonlySet<string> = new Set(
  ["str", "map", "seq", "bool"].map((type) => `tag:yaml.org,2002:${type}`),
);

function isForeignTag(tag: string | undefined): tag is string {
  return tag !== undefined && !plainTags.has(tag);
}
