import { listeningAddress, type Service, startService } from "./service.ts";

/** One series of an answer; a range query gives many points, an instant query one. */
export interface QueriedSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly points: readonly (readonly [timeSeconds: number, value: number])[];
}

export interface Prometheus extends Service {
  /** @param atSeconds Unix time; now by default. @throws {Error} with Prometheus's own words when it refuses. */
  query(promql: string, atSeconds?: number): Promise<readonly QueriedSeries[]>;
  queryRange(
    promql: string,
    range: { readonly startSeconds: number; readonly endSeconds: number; readonly stepSeconds: number },
  ): Promise<readonly QueriedSeries[]>;
  /** `data` of any other endpoint of the API, such as `targets` or `rules`. */
  api(path: string, parameters?: URLSearchParams): Promise<unknown>;
}

export interface PrometheusOptions {
  /** An empty directory, or one with blocks in `data`; `prometheus.yml` is written into it. */
  readonly directory: string;
  /** Text of prometheus.yml. Files it names are found relative to `directory`. */
  readonly config: string;
  readonly args?: readonly string[];
}

/** Debian's Prometheus on a free port. Skip by `missingTools("prometheus")`. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const { directory, config, args = [] } = options;
  await Deno.writeTextFile(`${directory}/prometheus.yml`, config);
  const service = await startService({
    program: "prometheus",
    args: [
      `--config.file=${directory}/prometheus.yml`,
      `--storage.tsdb.path=${directory}/data`,
      "--storage.tsdb.retention.time=90d",
      "--web.listen-address=127.0.0.1:0",
      ...args,
    ],
    addressIn: listeningAddress,
    readyPath: "/-/ready",
  });
  return { ...service, ...prometheusApi(service.url) };
}

/** The query API, which VictoriaMetrics speaks, too. */
export function prometheusApi(url: string): Pick<Prometheus, "query" | "queryRange" | "api"> {
  async function api(path: string, parameters: URLSearchParams = new URLSearchParams()): Promise<unknown> {
    const response = await fetch(`${url}/api/v1/${path}?${parameters}`);
    const answer: unknown = await response.json();
    if (!isRecord(answer) || answer["status"] !== "success") {
      throw new Error(
        `Prometheus refuses ${path} ${decodeURIComponent(String(parameters))}: ${JSON.stringify(answer)}`,
      );
    }
    return answer["data"];
  }
  return {
    api,
    query: async (promql, atSeconds) =>
      parseResult(
        await api(
          "query",
          new URLSearchParams({ query: promql, ...atSeconds === undefined ? {} : { time: String(atSeconds) } }),
        ),
      ),
    queryRange: async (promql, { startSeconds, endSeconds, stepSeconds }) =>
      parseResult(
        await api(
          "query_range",
          new URLSearchParams({
            query: promql,
            start: String(startSeconds),
            end: String(endSeconds),
            step: String(stepSeconds),
          }),
        ),
      ),
  };
}

/** As the HTTP API documents it: `vector`, `matrix` or `scalar`. */
interface ApiResult {
  readonly resultType: string;
  readonly result: unknown;
}
interface ApiSeries {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

function parseResult(data: unknown): readonly QueriedSeries[] {
  // Prometheus's own answer, in the shape its documentation fixes.
  const { resultType, result } = data as ApiResult;
  if (resultType === "scalar") return [{ labels: {}, points: [parsePoint(result as readonly [number, string])] }];
  return (result as readonly ApiSeries[]).map(({ metric, value, values }) => ({
    labels: metric,
    points: (values ?? (value === undefined ? [] : [value])).map(parsePoint),
  }));
}

function parsePoint([timeSeconds, value]: readonly [number, string]): readonly [number, number] {
  const number = value === "+Inf" ? Infinity : value === "-Inf" ? -Infinity : Number(value);
  return [timeSeconds, number];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
