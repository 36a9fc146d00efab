/** Says on standard error what is done, since when, and how long it will take. */
export interface Progress {
  readonly say: (text: string) => void;
  /** How long everything will have taken in all, in seconds, as far as one knows by now. */
  readonly expect: (seconds: number) => void;
  /** Seconds since it was created. */
  readonly elapsed: () => number;
}

/** Begins to count. */
export function createProgress(write: (line: string) => void): Progress {
  const startedAt = performance.now();
  let expected: number | undefined;
  const elapsed = (): number => (performance.now() - startedAt) / 1000;
  return {
    elapsed,
    expect: (seconds) => {
      expected = seconds;
    },
    say: (text) => {
      const now = elapsed();
      const left = expected === undefined ? "" : `, ${formatLeft(expected - now)} left`;
      write(`${now.toFixed(0).padStart(4)} s${left}  ${text}`);
    },
  };
}

function formatLeft(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds / 5) * 5)} s`;
  return `${Math.round(seconds / 60)} min`;
}
