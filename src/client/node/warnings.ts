/** Takes what a client can go on with but somebody should know: one sentence, never a secret. */
export type OnWarning = (message: string) => void;

/** Says it as a warning of the process, on standard error unless the program listens for warnings. */
export function emitWarning(message: string): void {
  process.emitWarning(message, "FleetgateWarning");
}

/** A receiver that cannot fail a call: what `onWarning` throws is dropped. */
export function guardWarnings(onWarning: OnWarning): OnWarning {
  return (message) => {
    try {
      onWarning(message);
    } catch {
      // A broken log is no reason to fail a check.
    }
  };
}
