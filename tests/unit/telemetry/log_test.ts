import assert from "node:assert/strict";
import { createLog, type Log, type LogFields, type LogLevel, type LogOptions } from "../../../lib/telemetry/log.ts";

interface Recorded {
  readonly log: Log;
  readonly lines: string[];
  readonly clock: { seconds: number };
}

function record(options: Partial<LogOptions> = {}): Recorded {
  const lines: string[] = [];
  const clock = { seconds: 0 };
  const log = createLog({
    level: () => "debug",
    format: "json",
    isTerminal: false,
    write: (line) => lines.push(line),
    now: () => new Date(clock.seconds * 1000),
    ...options,
  });
  return { log, lines, clock };
}

Deno.test("createLog() writes JSON with time, level, notice and fields, in this order", () => {
  const { log, lines } = record();
  log.warn("lines dropped", { source: "files", count: 3, final: false });
  assert.deepEqual(lines, [
    '{"time":"1970-01-01T00:00:00.000Z","level":"warn","notice":"lines dropped","source":"files","count":3,"final":false}',
  ]);
});

Deno.test("createLog() writes text with quotes only where they are needed", () => {
  const { log, lines } = record({ format: "text" });
  log.info("listening", { address: "0.0.0.0:9091", reason: "as configured", path: "/tmp/a", empty: "" });
  assert.deepEqual(lines, [
    '1970-01-01T00:00:00.000Z INFO  listening address=0.0.0.0:9091 reason="as configured" path=/tmp/a empty=""',
  ]);
});

Deno.test("createLog() takes text on a terminal and JSON elsewhere when the format is auto", () => {
  for (const isTerminal of [true, false]) {
    const { log, lines } = record({ format: "auto", isTerminal });
    log.info("started");
    assert.equal(lines[0]?.startsWith("{"), !isTerminal);
  }
});

Deno.test("createLog() leaves out what is less important than its level", () => {
  const written: Readonly<Record<LogLevel, readonly string[]>> = {
    error: ["e"],
    warn: ["e", "w"],
    info: ["e", "w", "i"],
    debug: ["e", "w", "i", "d"],
  };
  for (const level of ["error", "warn", "info", "debug"] as const) {
    const { log, lines } = record({ level: () => level });
    log.error("e");
    log.warn("w");
    log.info("i");
    log.debug("d");
    assert.deepEqual(lines.map((line) => JSON.parse(line).notice), written[level]);
  }
});

Deno.test("createLog() counts repeats within a minute and tells them afterwards", () => {
  const { log, lines, clock } = record();
  for (let second = 0; second < 60; second++) {
    clock.seconds = second;
    log.warn("unreadable", { path: "/a" });
  }
  assert.equal(lines.length, 1);
  clock.seconds = 60;
  log.info("something else");
  assert.deepEqual(lines.slice(1).map((line) => JSON.parse(line)).map(({ notice, repeated }) => [notice, repeated]), [
    ["unreadable", 59],
    ["something else", undefined],
  ]);
  log.warn("unreadable", { path: "/a" });
  assert.equal(lines.length, 4);
});

Deno.test("createLog() takes other fields or another level for another line", () => {
  const { log, lines } = record();
  log.warn("unreadable", { path: "/a" });
  log.warn("unreadable", { path: "/b" });
  log.error("unreadable", { path: "/a" });
  assert.equal(lines.length, 3);
});

Deno.test("createLog() remembers a bounded number of lines and loses no count", () => {
  const { log, lines } = record();
  log.warn("first");
  log.warn("first");
  for (let index = 0; index < 5000; index++) log.warn("unreadable", { index });
  const firsts = lines.map((line) => JSON.parse(line)).filter(({ notice }) => notice === "first");
  assert.deepEqual(firsts.map(({ repeated }) => repeated), [undefined, 1]);
});

Deno.test("createLog() lets no value fake a line, drive a terminal or replace the head", () => {
  const attacks: readonly LogFields[] = [
    { path: '/a\n{"level":"error"}' },
    { path: "/a\r\u001b[2J\u0007" },
    { path: "\u2028\u2029\u0085\u202e" },
    { time: "never", level: "debug", notice: "faked" },
    { ["na\nme"]: "x" },
  ];
  for (const format of ["json", "text"] as const) {
    for (const fields of attacks) {
      const { log, lines } = record({ format });
      log.error("real", fields);
      assert.equal(lines.length, 1);
      // deno-lint-ignore no-control-regex -- none of them may be left
      assert.doesNotMatch(lines[0] ?? "", /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202e]/);
      if (format === "json") {
        const { time, level, notice } = JSON.parse(lines[0] ?? "");
        assert.deepEqual([time, level, notice], ["1970-01-01T00:00:00.000Z", "error", "real"]);
      }
    }
  }
});

Deno.test("createLog() cuts a long value", () => {
  const { log, lines } = record();
  log.error("failed", { error: "x".repeat(100_000) });
  assert.equal(JSON.parse(lines[0] ?? "").error, `${"x".repeat(1000)}…`);
});

Deno.test("createLog() follows its level", () => {
  let level: LogLevel = "warn";
  const { log, lines } = record({ level: () => level });
  log.info("before");
  level = "info";
  log.info("after");
  assert.deepEqual(lines.map((line) => JSON.parse(line).notice), ["after"]);
});
