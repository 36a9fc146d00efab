import { Histogram, type Registry } from "prom-client";

/** What was counted of one set of labels. */
export interface Counted {
  readonly counts: readonly number[];
  readonly sumSeconds: number;
  readonly labels: Readonly<Record<string, string>>;
}

/** Adds a histogram whose buckets somebody else has counted. */
export function registerHistogram(
  registry: Registry,
  head: { readonly name: string; readonly help: string },
  bounds: readonly number[],
  read: () => readonly Counted[],
): void {
  const histogram = new Histogram({ ...head, buckets: [...bounds], registers: [] });
  // Histograms take one observation at a time and nothing else; but a registry asks them for values by this function.
  const getForPromString = () => {
    const values = read().flatMap((counted) => valuesOf(head.name, bounds, counted));
    return Promise.resolve({ ...head, type: "histogram", values });
  };
  registry.registerMetric(Object.assign(histogram, { getForPromString }));
}

function valuesOf(
  name: string,
  bounds: readonly number[],
  { counts, sumSeconds, labels }: Counted,
): object[] {
  let below = 0;
  const buckets = counts.map((count, index) => {
    below += count;
    const le = bounds[index] ?? "+Inf";
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: below };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: sumSeconds },
    { metricName: `${name}_count`, labels, value: below },
  ];
}
