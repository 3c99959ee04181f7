import assert from "node:assert/strict";
import { parseDemoOptions } from "../../../demo/demo_options.ts";

Deno.test("parseDemoOptions() takes what is given and has a default for the rest", () => {
  assert.deepEqual(parseDemoOptions([]), { speed: 10, home: null, port: null });
  const args = ["--speed", "0.5", "--home", "/tmp/x", "--port=9464"];
  assert.deepEqual(parseDemoOptions(args), { speed: 0.5, home: "/tmp/x", port: 9464 });
});

Deno.test("parseDemoOptions() tells what is wrong", () => {
  const table: readonly (readonly [args: readonly string[], text: RegExp])[] = [
    [["--speed", "fast"], /--speed must be 0\.1 to 1000: it is fast/],
    [["--speed", "0"], /--speed must be/],
    [["--speed", "1001"], /--speed must be/],
    [["--port", "0"], /--port must be 1 to 65535: it is 0/],
    [["--port", "1.5"], /--port must be/],
    [["--home="], /--home must be a directory/],
    [["--sped", "3"], /Unknown argument --sped/],
    [["now"], /Unknown argument now/],
  ];
  for (const [args, text] of table) {
    const told = parseDemoOptions(args);
    assert.ok("text" in told && told.isMistake, args.join(" "));
    assert.match(told.text, text);
  }
  const help = parseDemoOptions(["--help"]);
  assert.ok("text" in help && !help.isMistake && help.text.includes("--speed N"));
});
