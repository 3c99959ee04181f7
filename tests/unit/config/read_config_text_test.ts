import assert from "node:assert/strict";
import { MAX_CONFIG_BYTES, readConfigText } from "../../../lib/config/read_config_text.ts";

async function inTempFolder(test: (folder: string) => void | Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("readConfigText() reads a file, also through a link, without its byte order mark", async () => {
  await inTempFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/config.toml`, "\uFEFFa = 'ä'\n");
    Deno.symlinkSync(`${folder}/config.toml`, `${folder}/link.toml`);
    assert.equal(readConfigText(`${folder}/link.toml`), "a = 'ä'\n");
  });
});

Deno.test("readConfigText() throws NotFound for nothing and for a link to nothing", async () => {
  await inTempFolder((folder) => {
    Deno.symlinkSync(`${folder}/nothing`, `${folder}/link.toml`);
    assert.throws(() => readConfigText(`${folder}/nothing`), Deno.errors.NotFound);
    assert.throws(() => readConfigText(`${folder}/link.toml`), Deno.errors.NotFound);
  });
});

Deno.test("readConfigText() reads up to its limit and refuses more", async () => {
  await inTempFolder((folder) => {
    const path = `${folder}/config.toml`;
    Deno.writeTextFileSync(path, "#".repeat(MAX_CONFIG_BYTES));
    assert.equal(readConfigText(path).length, MAX_CONFIG_BYTES);
    Deno.writeTextFileSync(path, "#".repeat(MAX_CONFIG_BYTES + 1));
    assert.throws(() => readConfigText(path), { name: "TypeError", message: "it must be at most 1048576 bytes" });
  });
});

Deno.test("readConfigText() refuses what is not UTF-8", async () => {
  await inTempFolder((folder) => {
    Deno.writeFileSync(`${folder}/config.toml`, new Uint8Array([0x61, 0xff]));
    assert.throws(() => readConfigText(`${folder}/config.toml`), { name: "TypeError", message: "it must be UTF-8" });
  });
});

Deno.test("readConfigText() refuses a directory and a FIFO without waiting for a writer", async () => {
  await inTempFolder(async (folder) => {
    const { success } = await new Deno.Command("mkfifo", { args: [`${folder}/fifo`] }).output();
    assert.ok(success);
    for (const path of [folder, `${folder}/fifo`]) {
      assert.throws(() => readConfigText(path), { name: "TypeError", message: "it must be a regular file" });
    }
  });
});
