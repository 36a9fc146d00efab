import { readFile, writeFile } from "node:fs/promises";

const page = new URL("../../docs/benchmarks.md", import.meta.url);
const begin = "<!-- live: written by npm run bench -- live --docs -->";
const end = "<!-- live: end -->";

/** Puts the tables of live administration in the place of those in docs/benchmarks.md. */
export async function updateLiveDocs(tables: string): Promise<void> {
  await writeFile(page, replaceSection(await readFile(page, "utf8"), tables));
}

/** The page with other text between its two marks. Throws when they are not there. */
export function replaceSection(text: string, section: string): string {
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error("docs/benchmarks.md has no place for live tables");
  return `${text.slice(0, from)}${begin}\n\n${section}\n\n${text.slice(to)}`;
}
