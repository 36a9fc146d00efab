import { readFile, writeFile } from "node:fs/promises";

const page = new URL("../docs/benchmarks.md", import.meta.url);

/** The parts of docs/benchmarks.md that a bench writes, and what stands before and after each. */
const marks = {
  live: ["<!-- live: written by npm run bench -- live --docs -->", "<!-- live: end -->"],
  credentials: [
    "<!-- credentials: written by npm run bench -- credentials --docs -->",
    "<!-- credentials: end -->",
  ],
  claims: ["<!-- claims: written by npm run bench -- claims --docs -->", "<!-- claims: end -->"],
  peers: ["<!-- peers: written by npm run bench:peers -- --docs -->", "<!-- peers: end -->"],
} as const;

/** One of them. */
export type DocsSection = keyof typeof marks;

/** Puts the tables of a bench in the place of those in docs/benchmarks.md. */
export async function updateDocs(section: DocsSection, tables: string): Promise<void> {
  await writeFile(page, replaceSection(await readFile(page, "utf8"), section, tables));
}

/** The page with other text between the two marks of a section. Throws when they are not there. */
export function replaceSection(text: string, section: DocsSection, content: string): string {
  const [begin, end] = marks[section];
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md has no place for ${section}`);
  return `${text.slice(0, from)}${begin}\n\n${content}\n\n${text.slice(to)}`;
}
