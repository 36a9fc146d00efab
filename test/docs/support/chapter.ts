import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { outputPattern, readCommands, type DocCommand } from "./read-page.ts";
import type { Outcome, Shell } from "./shell.ts";

/** Where the commands of a page are run. */
export interface Stage {
  readonly shell: Shell;
  /** What stands for the names of the page here: endpoints, databases, ids. Applied in order. */
  readonly edits: readonly (readonly [from: string | RegExp, to: string | (() => string)])[];
}

/** A page and how its commands are run: all of them, in their order, but for those that are listed. */
export interface Chapter {
  readonly page: string;
  readonly open: () => Promise<Stage>;
  /** Commands that are not run here, and where they are, or why nowhere. */
  readonly notRun?: readonly (readonly [command: RegExp, why: string])[];
  /** Commands of which the page shows no output and that do not end with 0. */
  readonly exits?: readonly (readonly [command: RegExp, code: number])[];
  /** Done after a command, for the sake of those that follow. */
  readonly afterwards?: readonly (readonly [command: RegExp, act: (outcome: Outcome) => void])[];
}

/** Runs a page: what it shows must be what is printed; where it shows nothing, the command must succeed. */
export function testChapter(chapter: Chapter): void {
  describe(chapter.page, { concurrency: false }, () => {
    let stage: Stage;
    const servers: (() => Promise<Outcome>)[] = [];
    const addresses: string[] = [];
    before(async () => {
      stage = await chapter.open();
    });
    after(async () => {
      for (const stop of servers) await stop();
    });
    const edit = (text: string): string => {
      const edited = stage.edits.reduce(
        (sum, [from, to]) => sum.replaceAll(from, typeof to === "string" ? to : to()),
        text,
      );
      const address = addresses.at(-1);
      return address === undefined
        ? edited
        : edited.replaceAll(/127\.0\.0\.1:8080|fleetgate\.example\.com:8443/g, address);
    };

    const commands = readCommands(chapter.page);
    for (const command of commands) {
      const apart = chapter.notRun?.find(([pattern]) => pattern.test(command.text));
      if (apart !== undefined) continue;
      it(`line ${command.line}: ${command.text}`, async () => {
        const text = edit(command.text);
        if (/(^|\s)fleetgate serve\b/.test(text)) await serve(text, command);
        else await run(text, command);
      });
    }

    it("has no rule about a command that it does not have", () => {
      const rules: readonly (readonly [command: RegExp, ...rest: readonly unknown[]])[] = [
        ...(chapter.notRun ?? []),
        ...(chapter.exits ?? []),
        ...(chapter.afterwards ?? []),
      ];
      for (const [pattern] of rules) {
        assert.ok(
          commands.some(({ text }) => pattern.test(text)),
          String(pattern),
        );
      }
    });

    async function run(text: string, command: DocCommand): Promise<void> {
      const outcome = await stage.shell.run(text);
      if (command.output === undefined || command.output.every((line) => line === "")) {
        const expected = chapter.exits?.find(([pattern]) => pattern.test(command.text))?.[1] ?? 0;
        assert.equal(outcome.code, expected, `${text}\n${outcome.output}`);
      } else {
        assert.match(outcome.output, outputPattern(command.output.map(edit)), text);
      }
      chapter.afterwards?.find(([pattern]) => pattern.test(command.text))?.[1](outcome);
    }

    // A server in the background goes on to the end of the page; one in the foreground is only tried.
    async function serve(text: string, command: DocCommand): Promise<void> {
      const isBackground = /&\s*$/.test(text);
      const anyPort = text
        .replace(/&\s*$/, "")
        .replaceAll(/(listen )\S+:\d+/g, (_, flag: string) => `${flag}127.0.0.1:0`)
        .replace(/^/, "FLEETGATE_METRICS_LISTEN=127.0.0.1:0 ");
      const withPort = /--listen|--options/.test(anyPort)
        ? anyPort
        : `FLEETGATE_LISTEN=127.0.0.1:0 ${anyPort}`;
      const { url, stop } = await stage.shell.serve(withPort);
      if (isBackground) {
        addresses.push(new URL(url).host);
        servers.push(stop);
        await stage.shell.run(`export FLEETGATE_ENDPOINT=${url}`);
        return;
      }
      const { code, output } = await stop();
      assert.equal(code, 0, `${command.text}\n${output}`);
    }
  });
}
