import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

/**
 * When a process started, as text to compare, or undefined when there is no such process. Together with
 * the pid it tells a process from a later one that was given the same pid.
 */
export function processStart(pid: number): string | undefined {
  if (pid <= 0 || !isAlive(pid)) return undefined;
  if (!existsSync("/proc/self/stat")) return startFromPs(pid);
  try {
    // Field 22, counted behind the command name, which is in parentheses and may hold anything.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie holds no files any more.
    return fields[0] === "Z" ? undefined : fields[19];
  } catch {
    // It went away in between.
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process cannot be signalled, but is alive.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Where there is no /proc. */
function startFromPs(pid: number): string | undefined {
  try {
    const output = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    return output.trim() === "" ? undefined : output.trim();
  } catch {
    return isAlive(pid) ? "unknown" : undefined;
  }
}
