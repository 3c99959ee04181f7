/** The two exposition formats of Prometheus. */
export type MetricsFormat = "text" | "openmetrics";

/** One element of Accept or Accept-Encoding: a lower-case name, its parameters and its weight between 0 and 1. */
interface Weighted {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly weight: number;
}

const OPENMETRICS_VERSION = "1.0.0";
const TEXT_RANGES: readonly string[] = ["text/plain", "text/*", "*/*"];

/**
 * The format to answer with. OpenMetrics only to those who name it, because it is stricter and not every reader of
 * text can read it; text to everybody else, also when nothing fits, because no scraper gains from a 406.
 */
export function negotiateFormat(accept: string | null): MetricsFormat {
  const wanted = parseWeighted(accept ?? "");
  const openMetrics = wanted
    .filter(({ name, parameters }) =>
      name === "application/openmetrics-text" &&
      (parameters.get("version") ?? OPENMETRICS_VERSION) === OPENMETRICS_VERSION
    );
  const weight = heaviest(openMetrics) ?? 0;
  // The most specific range decides (RFC 9110, 12.5.1).
  const textWeight = TEXT_RANGES
    .map((range) => heaviest(wanted.filter(({ name }) => name === range)))
    .find((found) => found !== null) ?? 0;
  return weight > 0 && weight >= textWeight ? "openmetrics" : "text";
}

/** Whether to compress: only when the client says that it takes gzip, and does not like uncompressed better. */
export function acceptsGzip(acceptEncoding: string | null): boolean {
  const wanted = parseWeighted(acceptEncoding ?? "");
  const weightOf = (coding: string): number | null => heaviest(wanted.filter(({ name }) => name === coding));
  const gzip = weightOf("gzip") ?? weightOf("x-gzip") ?? weightOf("*") ?? 0;
  return gzip > 0 && gzip >= (weightOf("identity") ?? 0);
}

function heaviest(found: readonly Weighted[]): number | null {
  return found.length === 0 ? null : Math.max(...found.map(({ weight }) => weight));
}

function parseWeighted(header: string): readonly Weighted[] {
  return header.split(",").map(parseElement).filter(({ name }) => name !== "");
}

function parseElement(element: string): Weighted {
  const [name = "", ...rest] = element.split(";").map((part) => part.trim().toLowerCase());
  const parameters = new Map(rest.map((part) => {
    const [key = "", value = ""] = part.split("=", 2);
    return [key.trim(), value.trim().replace(/^"(.*)"$/, "$1")];
  }));
  return { name, parameters, weight: parseWeight(parameters.get("q")) };
}

/** A weight that is none takes its element out, as if it were not wanted. */
function parseWeight(text: string | undefined): number {
  if (text === undefined) return 1;
  return /^(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(text) ? Number(text) : 0;
}
