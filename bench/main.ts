import { mkdir, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { dirname } from "node:path";
import { exitCodes } from "../src/cli/exit-code.ts";
import { formatEngine, runEngine } from "./engine/run-engine.ts";
import { formatClaims } from "./claims/format-claims.ts";
import { runClaims } from "./claims/run-claims.ts";
import { formatCredentials } from "./credentials/format-credentials.ts";
import { runCredentials } from "./credentials/run-credentials.ts";
import { updateDocs, type DocsSection } from "./docs-section.ts";
import { formatLive } from "./live/format-live.ts";
import { runLive } from "./live/run-live.ts";
import { help, readOptions, UsageError, type BenchOptions } from "./options.ts";
import { formatTransport } from "./transport/format-transport.ts";
import { runTransport } from "./transport/run-transport.ts";

// What `npm run bench` runs. Progress goes to standard error, tables to standard output.

const startedAt = performance.now();
const say = (text: string): void => {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.error(`${seconds.padStart(4)} s  ${text}`);
};

try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) console.log(help);
  else await bench(options);
} catch (error) {
  const wrongUse = error instanceof UsageError;
  console.error(error instanceof Error ? error.message : error);
  if (wrongUse) console.error("See: npm run bench -- --help");
  process.exitCode = wrongUse ? exitCodes.usage : exitCodes.failed;
}

async function bench(options: BenchOptions): Promise<void> {
  const processors = cpus();
  const machine = {
    date: new Date().toISOString(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: processors[0]?.model ?? "",
    cores: processors.length,
  };
  const { date, node, platform, cpu, cores } = machine;
  const title = `${date.slice(0, 10)}, Node ${node}, ${platform}, ${cores} cores of ${cpu}`;
  console.log(title);

  const engine = options.engine ? await runEngine(options, say) : undefined;
  if (engine !== undefined) console.log(`\nEngine\n\n${formatEngine(engine)}`);
  const transport = options.transport ? await runTransport(options, say) : undefined;
  if (transport !== undefined) console.log(`\nTransport\n\n${formatTransport(transport)}`);
  const live = options.live ? await runLive(options, say) : undefined;
  if (live !== undefined) console.log(`\nLive administration\n\n${formatLive(live)}`);

  const credentials = options.credentials ? await runCredentials(options, say) : undefined;
  if (credentials !== undefined) console.log(`\nCredentials\n\n${formatCredentials(credentials)}`);

  const claims = options.claims ? await runClaims(options, say) : undefined;
  if (claims !== undefined) console.log(`\nClaims and runners\n\n${formatClaims(claims)}`);

  if (options.out !== undefined) {
    await mkdir(dirname(options.out), { recursive: true });
    const results = {
      ...machine,
      quick: options.quick,
      seed: options.seed,
      engine,
      transport,
      live,
      credentials,
      claims,
    };
    await writeFile(options.out, `${JSON.stringify(results, undefined, 2)}\n`);
    say(`raw results in ${options.out}`);
  }
  const toDocs = async (section: DocsSection, tables: string): Promise<void> => {
    if (!options.docs) return;
    await updateDocs(section, `${title}${options.quick ? ", a quick run" : ""}:\n\n${tables}`);
  };
  if (live !== undefined) await toDocs("live", formatLive(live));
  if (credentials !== undefined) await toDocs("credentials", formatCredentials(credentials));
  if (claims !== undefined) await toDocs("claims", formatClaims(claims));
  say("done");
}
