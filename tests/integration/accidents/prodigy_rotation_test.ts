import { createAccident } from "../../support/accident.ts";
import { append, checkpointLines } from "../../support/event_lines.ts";

/** As Prodigy's event_writer.rs: rename to .bak, rename to a plain-text .jsonl.gz, a new file made with truncate. */
function rotate(file: string, stamp: string): void {
  Deno.renameSync(file, `${file}.bak`);
  Deno.renameSync(`${file}.bak`, file.replace(/\.jsonl$/, `.${stamp}.jsonl.gz`));
  Deno.writeTextFileSync(file, "");
}

Deno.test("Prodigy's own rotation under load counts every line once", async () => {
  await using accident = await createAccident();
  const { file } = accident;
  for (let rotation = 0; rotation < 48; rotation++) {
    append(file, checkpointLines(1_000));
    rotate(file, `20261124_00${String(1000 + rotation)}`);
  }
  append(file, checkpointLines(300));
  await accident.assertExactly(48_300);
});

Deno.test("three rotations inside one look count every line once", async () => {
  // Looks far apart: nothing of what happens below is seen in between.
  await using accident = await createAccident(["--events-poll-interval", "2s", "--events-rescan-interval", "2s"]);
  const { file } = accident;
  append(file, checkpointLines(3_000));
  await accident.untilCounted(3_000);
  for (const stamp of ["20261124_000001", "20261124_000002", "20261124_000003"]) {
    append(file, checkpointLines(2_000));
    rotate(file, stamp);
  }
  append(file, checkpointLines(3_000));
  await accident.assertExactly(12_000);
});

Deno.test("retention that rewrites a file into a new one with repeated lines counts them once", async () => {
  await using accident = await createAccident();
  const { file } = accident;
  const kept = checkpointLines(1_000);
  append(file, checkpointLines(1_000) + kept);
  await accident.untilCounted(2_000);
  await Deno.writeTextFile(`${file}.tmp`, kept);
  await Deno.rename(`${file}.tmp`, file);
  append(file, checkpointLines(500));
  await accident.assertExactly(2_500);
});
