import type { AddCommand } from "./cli.ts";

/**
 * The commands in the order of the help, each with what loads it. Most of the time a command takes to start goes into
 * loading what it needs, and a command line names one.
 */
export const commands: ReadonlyMap<string, () => Promise<AddCommand>> = new Map([
  ["serve", async () => (await import("./serve.ts")).addServe],
  ["migrate", async () => (await import("./migrate.ts")).addMigrate],
  ["accept-restore", async () => (await import("./accept-restore.ts")).addAcceptRestore],
  ["config", async () => (await import("./config/config.ts")).addConfig],
  ["check", async () => (await import("./check/check.ts")).addCheck],
  ["explain", async () => (await import("./explain/explain.ts")).addExplain],
  ["inspect", async () => (await import("./inspect/inspect.ts")).addInspect],
  ["group", async () => (await import("./group/group.ts")).addGroup],
  ["log", async () => (await import("./log/log.ts")).addLog],
  ["revert", async () => (await import("./revert.ts")).addRevert],
  ["wait", async () => (await import("./wait.ts")).addWait],
  ["key", async () => (await import("./key/key.ts")).addKey],
  ["bot", async () => (await import("./bot/bot.ts")).addBot],
  ["session", async () => (await import("./session/session.ts")).addSession],
  ["task", async () => (await import("./task/task.ts")).addTask],
  ["claim", async () => (await import("./claim/claim.ts")).addClaim],
  ["runner", async () => (await import("./runner/runner.ts")).addRunner],
  ["identify", async () => (await import("./identify/identify.ts")).addIdentify],
  ["url", async () => (await import("./url/url.ts")).addUrl],
  ["credential", async () => (await import("./credential/credential.ts")).addCredential],
  ["gate", async () => (await import("./gate/gate.ts")).addGate],
  ["health", async () => (await import("./health.ts")).addHealth],
  ["import", async () => (await import("./import/import.ts")).addImport],
  ["version", async () => (await import("./version.ts")).addVersion],
  ["help", async () => (await import("./help.ts")).addHelp],
]);
