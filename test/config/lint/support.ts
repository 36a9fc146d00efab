import assert from "node:assert/strict";
import { lintConfiguration } from "../../../src/config/lint/lint.ts";

/** The findings of texts, which are named a.yaml, b.yaml and so on: `file:line:column rule message [hint]`. */
export function lint(...texts: readonly string[]): readonly string[] {
  const files = texts.map((text, index) => ({ path: `${"abc"[index] ?? "x"}.yaml`, text }));
  const result = lintConfiguration(files);
  assert.ok(result.valid, JSON.stringify(result));
  return result.findings.map(
    ({ file, line, column, rule, message, hint }) =>
      `${file}:${line}:${column} ${rule}: ${message} [${hint}]`,
  );
}

/** The findings of one rule: place and message. */
export function lintBy(rule: string, ...texts: readonly string[]): readonly string[] {
  return lint(...texts)
    .filter((line) => line.includes(` ${rule}: `))
    .map((line) => line.replace(` ${rule}: `, " ").replace(/ \[.*\]$/, ""));
}
