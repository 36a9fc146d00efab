import { chmodSync, mkdtempSync, readFileSync, statfsSync } from "node:fs";
import { freemem } from "node:os";
import { join } from "node:path";

const place = "/dev/shm";
const tmpfs = 0x0102_1994;

/** What the tests put there at one time, several times over. */
const enoughBytes = 4 * 2 ** 30;

/**
 * Makes a folder for what the tests write, in memory where there is plenty of it; undefined: what they write goes where
 * it usually does. They make and drop hundreds of databases of a thousand files each, which some file systems (ext4,
 * for a minute after files were removed) take several times as long for. Whoever sets TMPDIR has chosen a place already.
 */
export function makeScratchInMemory(): string | undefined {
  if ((process.env["TMPDIR"] ?? "") !== "") return undefined;
  try {
    const { type, bavail, bsize } = statfsSync(place);
    if (type !== tmpfs || bavail * bsize < enoughBytes || freemem() < 2 * enoughBytes) {
      return undefined;
    }
    if (!mayRunPrograms()) return undefined;
    const folder = mkdtempSync(join(place, "fleetgate-tests-"));
    // Postgres runs as another user than root, and must get through.
    chmodSync(folder, 0o711);
    return folder;
  } catch {
    // There is none, or not for us.
    return undefined;
  }
}

function mayRunPrograms(): boolean {
  const mount = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "))
    .find(([, where]) => where === place);
  return mount?.[3] !== undefined && !mount[3].split(",").includes("noexec");
}
