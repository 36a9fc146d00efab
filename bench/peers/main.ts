import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { exitCodes } from "../../src/cli/exit-code.ts";
import { updateDocs } from "../docs-section.ts";
import { UsageError } from "../options.ts";
import { judgeFigures } from "./figures.ts";
import { installPeers } from "./install.ts";
import { help, readPeersOptions, type PeersOptions } from "./options.ts";
import { createProgress } from "./progress.ts";
import { formatPeers } from "./report.ts";
import { runPeers } from "./run-peers.ts";

// What `npm run bench:peers` runs. Progress goes to standard error, tables to standard output.

const progress = createProgress((line) => console.error(line));

try {
  const options = readPeersOptions(process.argv.slice(2));
  if (options.help) console.log(help());
  else await compare(options);
} catch (error) {
  const wrongUse = error instanceof UsageError;
  console.error(error instanceof Error ? error.message : error);
  if (wrongUse) console.error("See: npm run bench:peers -- --help");
  process.exitCode = wrongUse ? exitCodes.usage : exitCodes.failed;
}

async function compare(options: PeersOptions): Promise<void> {
  if (needsPeers(options.selection)) await installPeers(progress.say);
  const results = await runPeers(options, progress);
  const processors = cpus();
  const machine = {
    date: new Date().toISOString(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: processors[0]?.model ?? "",
    cores: processors.length,
  };
  const { date, node, platform, cpu, cores } = machine;
  const title = `${date.slice(0, 10)}, Node ${node.slice(1)}, ${platform}, ${cores} cores of ${cpu}, seed ${options.seed}.`;
  const page = `${title}\n${formatPeers(results)}`;
  console.log(page);
  if (options.out !== undefined) {
    await mkdir(dirname(options.out), { recursive: true });
    const raw = { ...machine, seed: options.seed, figures: judgeFigures(results), ...results };
    await writeFile(options.out, `${JSON.stringify(raw, undefined, 2)}\n`);
    progress.say(`raw results in ${options.out}`);
  }
  if (options.docs) await updateDocs("peers", page);
  progress.say("done");
}

function needsPeers({ rows, sections }: PeersOptions["selection"]): boolean {
  const servers = rows.map(({ server }) => server);
  return (
    sections.has("libraries") ||
    servers.some((server) => server === "grpc-js" || server.startsWith("cerbos"))
  );
}
