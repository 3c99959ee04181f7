import assert from "node:assert/strict";
import { load } from "js-yaml";
import { COMMAND_NAMES } from "../../lib/config/commands.ts";
import { environmentNames } from "../../lib/config/option_names.ts";
import { createScratch } from "../support/scratch.ts";
import { runTool, testWithTools } from "../support/tool.ts";

interface Service {
  readonly image: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly restart?: string;
  readonly profiles?: readonly string[];
  readonly extra_hosts?: readonly string[];
  readonly secrets?: readonly string[];
}
interface Compose {
  readonly version?: string;
  readonly name?: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const ROOT = new URL("../../", import.meta.url);
const read = (path: string): Promise<string> => Deno.readTextFile(new URL(path, ROOT));
const FILES = ["docker-compose.yml", "docker-compose.host.yml"] as const;
const texts = Object.fromEntries(await Promise.all(FILES.map(async (file) => [file, await read(file)] as const)));
const composeOf = (file: string): Compose => load(texts[file] ?? "") as Compose;
const example = await read(".env.example");

for (const file of FILES) {
  const compose = composeOf(file);
  const services = Object.entries(compose.services);

  Deno.test(`${file} has nothing that some version of compose refuses`, () => {
    assert.equal(compose.version, undefined);
    assert.equal(compose.name, undefined);
  });

  Deno.test(`${file} pins images, publishes on loopback only, restarts and checks every service`, () => {
    for (const [name, { image, ports = [], restart, healthcheck }] of services) {
      assert.match(image, /:v?\d+\.\d+/, name);
      for (const port of ports) assert.ok(port.startsWith("127.0.0.1:"), `${name} ${port}`);
      assert.equal(restart, "unless-stopped", name);
      assert.ok((healthcheck?.test.length ?? 0) > 0, name);
    }
  });

  Deno.test(`${file} mounts what exists, read-only, and keeps data in named volumes`, async () => {
    for (const [name, { volumes = [] }] of services) {
      for (const volume of volumes) {
        const [, source = "", , mode] = /^((?:\$\{[^}]*\}|[^:])+):([^:]+)(?::(ro))?$/.exec(volume) ?? [];
        const isNamed = /^(?:\$\{\w+:-)?[a-z-]+\}?$/.test(source);
        if (isNamed) assert.ok(source.replace(/^.*:-|\}$/g, "") in compose.volumes, `${name} ${volume}`);
        else assert.equal(mode, "ro", `${name} ${volume}`);
        if (source.startsWith("./")) await Deno.stat(new URL(source, ROOT));
      }
    }
  });

  Deno.test(`${file} gives nobody rights without a password and installs no plugins`, () => {
    const { environment = {} } = compose.services["grafana"] ?? {};
    assert.match(environment["GF_SECURITY_ADMIN_PASSWORD"] ?? "", /^\$\{\w+:\?/);
    assert.equal(environment["GF_AUTH_ANONYMOUS_ENABLED"], "false");
    assert.equal(environment["GF_INSTALL_PLUGINS"], undefined);
    assert.doesNotMatch(texts[file] ?? "", /password: *[a-z0-9]+$/im);
  });

  Deno.test(`${file} makes no URL of a password, which may have any characters`, () => {
    for (const [name, { environment = {} }] of services) {
      for (const value of Object.values(environment)) assert.doesNotMatch(value, /:\/\/.*PASSWORD/, name);
    }
  });

  Deno.test(`${file} gives secrets that it names to who reads them`, () => {
    for (const [name, { environment = {}, secrets = [] }] of services) {
      const read = Object.values(environment).filter((value) => value.startsWith("/run/secrets/"));
      assert.deepEqual(read, secrets.map((secret) => `/run/secrets/${secret}`), name);
      for (const secret of secrets) assert.ok(secret in compose.secrets, `${name} ${secret}`);
    }
  });

  Deno.test(`${file} asks only for variables that .env.example explains`, () => {
    const asked = new Set([...(texts[file] ?? "").matchAll(/\$\{(\w+)/g)].map((match) => match[1] ?? ""));
    asked.delete("HOME");
    const explained = [...example.matchAll(/^#?(\w+)=/gm)].map((match) => match[1] ?? "");
    assert.deepEqual([...asked].filter((name) => !explained.includes(name)), []);
  });

  testWithTools(`docker-compose accepts ${file} once the password is set`, ["docker-compose"], async () => {
    using scratch = createScratch();
    const environmentFile = `${scratch.path}/env`;
    const run = async (environment: string): ReturnType<typeof runTool> => {
      await Deno.writeTextFile(environmentFile, environment);
      return await runTool("docker-compose", ["--env-file", environmentFile, "-f", file, "config", "-q"], {
        cwd: decodeURIComponent(ROOT.pathname),
      });
    };
    const refused = await run(example);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /set it in \.env, see \.env\.example/);
    const filled = example.replace("GRAFANA_ADMIN_PASSWORD=", "GRAFANA_ADMIN_PASSWORD=secret");
    for (const environment of [filled, filled.replaceAll(/^#(?=\w+=)/gm, "")]) {
      const accepted = await run(environment);
      assert.equal(accepted.code, 0, accepted.stderr);
    }
  });
}

Deno.test("exporter and database have the same password", () => {
  const { exporter, postgres } = composeOf("docker-compose.yml").services;
  assert.deepEqual(exporter?.secrets, ["database_password"]);
  assert.deepEqual(postgres?.secrets, exporter?.secrets);
});

Deno.test("the two compose files differ only in where the exporter is", () => {
  const [container, host] = FILES.map(composeOf);
  assert.ok(container !== undefined && host !== undefined);
  const { exporter, prometheus, ...others } = container.services;
  const { prometheus: prometheusOfHost, ...othersOfHost } = host.services;
  assert.deepEqual(othersOfHost, others);
  assert.ok(exporter !== undefined && prometheus !== undefined && prometheusOfHost !== undefined);
  const { depends_on: { exporter: _exporter, ...dependsOn } = {}, volumes = [] } = prometheus;
  assert.deepEqual(prometheusOfHost, {
    ...prometheus,
    depends_on: dependsOn,
    volumes: volumes.map((volume) => volume.replace("./prometheus/targets:", "./prometheus/targets-host:")),
    extra_hosts: ["host.docker.internal:host-gateway"],
  });
});

Deno.test("the exporter's service names options and a command the program has", () => {
  const { environment = {}, healthcheck } = composeOf("docker-compose.yml").services["exporter"] ?? {};
  const known = environmentNames();
  assert.deepEqual(Object.keys(environment).filter((name) => !known.includes(name)), []);
  assert.ok(COMMAND_NAMES.some((name) => name === healthcheck?.test.at(-1)), healthcheck?.test.join(" "));
});

Deno.test("Prometheus finds its rules and targets where they are mounted", async () => {
  const config = load(await read("prometheus.yml")) as {
    readonly rule_files: readonly string[];
    readonly scrape_configs: readonly { readonly file_sd_configs: readonly { readonly files: readonly string[] }[] }[];
  };
  const { volumes = [] } = composeOf("docker-compose.yml").services["prometheus"] ?? {};
  const patterns = [
    ...config.rule_files,
    ...config.scrape_configs.flatMap((scrape) => scrape.file_sd_configs.flatMap(({ files }) => files)),
  ];
  for (const pattern of patterns) {
    const directory = pattern.slice(0, pattern.lastIndexOf("/"));
    assert.ok(volumes.includes(`./${directory}:/etc/prometheus/${directory}:ro`), pattern);
  }
});
