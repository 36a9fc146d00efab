import { isMap, isScalar, isSeq, type Node } from "yaml";
import { quote } from "../domain/quote.ts";
import type { Place } from "./place.ts";
import type { ProblemList } from "./problem-list.ts";
import { show } from "./show.ts";

/** Reports that a value is not of the wanted type, says what it is, and how to mend the usual slips. */
export function reportWrongType(
  wanted: string,
  node: Node | null,
  place: Place,
  { problems }: { readonly problems: ProblemList },
): void {
  problems.error(place, `wants ${wanted}, found ${describe(node)}`, hintFor(wanted, node));
  problems.markBroken(place);
}

function describe(node: Node | null): string {
  if (isMap(node)) return "a mapping";
  if (isSeq(node)) return "a list";
  const value = isScalar(node) ? node.value : null;
  if (value === null) return "nothing (null)";
  if (typeof value === "string") return `the text ${show(value)}`;
  if (typeof value === "boolean") return `the boolean ${value}`;
  return `the number ${isScalar(node) ? show(sourceOf(node)).slice(1, -1) : ""}`;
}

function hintFor(wanted: string, node: Node | null): string {
  const value = isScalar(node) ? node.value : undefined;
  if (value === null || node === null) return "leave the field out, or write its value";
  if (wanted === "a text" && isScalar(node)) return `quote it: ${quote(sourceOf(node))}`;
  if (wanted === "true or false" && typeof value === "string") {
    return "write true or false, without quotes";
  }
  if (wanted.startsWith("a list")) return 'begin each item with "- "';
  if (wanted === "a mapping" && typeof value === "string") {
    return `write its fields, for example "name: ${value.slice(0, 40)}"`;
  }
  return "";
}

function sourceOf(node: { readonly source?: string; readonly value: unknown }): string {
  return (node.source ?? String(node.value)).slice(0, 100);
}
