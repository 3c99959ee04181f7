import { createAccident } from "../../support/accident.ts";
import { append, checkpointLines } from "../../support/event_lines.ts";

Deno.test("lines written while the exporter was stopped are counted after its start", async () => {
  await using accident = await createAccident();
  append(accident.file, checkpointLines(10_000));
  await accident.untilCounted(10_000);
  await accident.stop("SIGTERM");
  append(accident.file, checkpointLines(10_000));
  await accident.start();
  append(accident.file, checkpointLines(10_000));
  await accident.assertExactly(30_000);
});

Deno.test("kill -9 with lines read, unread and half-written counts every line once", async () => {
  await using accident = await createAccident();
  append(accident.file, checkpointLines(10_000));
  await accident.untilCounted(10_000);
  const more = checkpointLines(5_000);
  append(accident.file, checkpointLines(10_000) + more.slice(0, more.length / 2));
  await accident.stop("SIGKILL");
  append(accident.file, more.slice(more.length / 2));
  await accident.start();
  append(accident.file, checkpointLines(10_000));
  await accident.assertExactly(35_000);
});

Deno.test("a file that was rotated and followed while the exporter was dead is read to its end", async () => {
  await using accident = await createAccident();
  const { file } = accident;
  append(file, checkpointLines(1_000));
  await accident.untilCounted(1_000);
  await accident.stop("SIGKILL");
  append(file, checkpointLines(1_000));
  await Deno.rename(file, file.replace(".jsonl", ".20261124_000816.jsonl.gz"));
  append(file, checkpointLines(1_000));
  await accident.start();
  await accident.assertExactly(3_000);
});

Deno.test("files that vanished while the exporter was dead cost only what was unread of them", async () => {
  await using accident = await createAccident();
  const other = accident.file.replace("job-1", "job-2");
  append(accident.file, checkpointLines(1_000));
  append(other, checkpointLines(1_000));
  await accident.untilCounted(2_000);
  await accident.stop("SIGTERM");
  append(other, checkpointLines(500));
  await Deno.remove(accident.file);
  await Deno.remove(other);
  append(accident.file, checkpointLines(300));
  await accident.start();
  await accident.assertExactly(2_300);
});
