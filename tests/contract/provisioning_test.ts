import assert from "node:assert/strict";
import { load } from "js-yaml";
import { DLQ_ITEMS_ALERT } from "../../grafana/boards/thresholds.ts";
import { METRIC_TABLE } from "../../lib/metrics/table/table.ts";
import { readBoards } from "../support/grafana/board_json.ts";
import { analyzePromql } from "../support/promql/analyze.ts";
import { createVocabulary } from "../support/promql/vocabulary.ts";

const ROOT = new URL("../../", import.meta.url);
const read = (path: string): Promise<string> => Deno.readTextFile(new URL(path, ROOT));

interface Datasource {
  readonly uid: string;
  readonly type: string;
  readonly user?: string;
  readonly database?: string;
  readonly jsonData: { readonly timeInterval?: string; readonly manageAlerts?: boolean; readonly database?: string };
  readonly secureJsonData?: { readonly password: string };
}
async function datasource(name: string): Promise<Datasource> {
  const { datasources } = load(await read(`grafana/datasources/${name}.yml`)) as {
    readonly datasources: readonly Datasource[];
  };
  const [only] = datasources;
  assert.ok(only !== undefined && datasources.length === 1);
  return only;
}

Deno.test("Grafana's Prometheus has the uid the boards begin with and the scrape interval of prometheus.yml", async () => {
  const { uid, type, jsonData } = await datasource("prometheus");
  const { global } = load(await read("prometheus.yml")) as { readonly global: { readonly scrape_interval: string } };
  assert.equal(type, "prometheus");
  assert.equal(uid, "prometheus");
  assert.equal(jsonData.timeInterval, global.scrape_interval);
  assert.equal(jsonData.manageAlerts, true);
});

Deno.test("Grafana reads PostgreSQL as a role that can only select", async () => {
  const { user, database, jsonData, secureJsonData } = await datasource("postgres");
  assert.equal(database, undefined, "newer Grafanas read it from jsonData only");
  assert.equal(jsonData.database, "prodigy");
  assert.match(secureJsonData?.password ?? "", /^\$\{\w+\}$/);
  const script = await read("grafana/postgres/create-reader.sh");
  assert.ok(script.includes(`CREATE ROLE ${user} LOGIN`));
  const granted = [...script.matchAll(/GRANT (\w+)/g)].map((match) => match[1] ?? "");
  assert.deepEqual([...new Set(granted)].sort(), ["CONNECT", "SELECT", "USAGE"]);
});

Deno.test("the boards are provided from where compose mounts them, and apart from the provider's own file", async () => {
  const { providers } = load(await read("grafana/providers/prodigy.yml")) as {
    readonly providers: readonly { readonly options: { readonly path: string }; readonly allowUiUpdates: boolean }[];
  };
  const path = providers[0]?.options.path ?? "";
  const compose = await read("docker-compose.yml");
  assert.ok(compose.includes(`./grafana/dashboards:${path}:ro`));
  assert.ok(!path.startsWith("/etc/grafana/provisioning"));
  assert.ok((await readBoards()).length >= 5);
});

interface Alerting {
  readonly policies?: unknown;
  readonly contactPoints: readonly { readonly name: string }[];
  readonly groups: readonly {
    readonly rules: readonly {
      readonly notification_settings: { readonly receiver: string };
      readonly annotations: Readonly<Record<string, string>>;
      readonly data: readonly {
        readonly datasourceUid: string;
        readonly model: {
          readonly expr?: string;
          readonly conditions?: readonly { readonly evaluator: { readonly params: readonly number[] } }[];
        };
      }[];
    }[];
  }[];
}

Deno.test("Grafana's own alert asks for what is there, at the boards' threshold, and leaves your policies alone", async () => {
  const text = await read("grafana/alerting/prodigy.yml");
  const { policies, contactPoints, groups } = load(text) as Alerting;
  assert.equal(policies, undefined);
  const rules = groups.flatMap((group) => group.rules);
  assert.equal(rules.length, 1);
  for (const { data, annotations, notification_settings: { receiver } } of rules) {
    assert.ok(contactPoints.some(({ name }) => name === receiver));
    const [query, threshold] = data;
    const { problems, labels } = analyzePromql(query?.model.expr ?? "", createVocabulary(METRIC_TABLE));
    assert.deepEqual(problems, []);
    assert.equal(query?.datasourceUid, "prometheus");
    assert.deepEqual(threshold?.model.conditions?.[0]?.evaluator.params, [DLQ_ITEMS_ALERT]);
    const named = [...Object.values(annotations).join().matchAll(/\$labels\.(\w+)/g)].map((match) => match[1] ?? "");
    assert.deepEqual(named.filter((label) => !labels.has(label)), []);
  }
  // A single dollar would be taken for a variable of the environment.
  assert.doesNotMatch(text.replaceAll("$$", "").replace("${PRODIGY_ALERT_WEBHOOK_URL}", ""), /\$/);
});
