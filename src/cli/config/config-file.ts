import type { ConfigText } from "./read-config-files.ts";

/** The files as the contract has them. */
export function toConfigFiles(texts: readonly ConfigText[]): {
  readonly path: string;
  readonly content: { readonly case: "text"; readonly value: string };
}[] {
  return texts.map(({ path, text }) => ({ path, content: { case: "text", value: text } }));
}
