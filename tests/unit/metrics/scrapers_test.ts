import assert from "node:assert/strict";
import { Scrapers } from "../../../lib/metrics/scrapers.ts";

Deno.test("Scrapers numbers scrapes and knows what all of them have seen", () => {
  const scrapers = new Scrapers();
  assert.equal(scrapers.seenOnceSince(0), 0);
  scrapers.saw("a", 0, scrapers.begin());
  assert.equal(scrapers.seenOnceSince(0), 1);
  assert.equal(scrapers.seenTwiceSince(0), 0);
  scrapers.saw("a", 1_000, scrapers.begin());
  assert.equal(scrapers.seenTwiceSince(1_000), 1);
});

Deno.test("Scrapers waits for the slower of two", () => {
  const scrapers = new Scrapers();
  for (const nowMs of [0, 5_000]) scrapers.saw("slow", nowMs, scrapers.begin());
  for (let nowMs = 5_000; nowMs <= 9_000; nowMs += 1_000) scrapers.saw("fast", nowMs, scrapers.begin());
  // The slow one's last scrape is number 2, the fast one's are 3 to 7.
  assert.equal(scrapers.seenOnceSince(9_000), 2);
  assert.equal(scrapers.seenTwiceSince(9_000), 1);
  scrapers.saw("slow", 10_000, scrapers.begin());
  assert.equal(scrapers.seenOnceSince(10_000), 7);
});

Deno.test("Scrapers takes one that joins a rendering for having seen what was there when that began", () => {
  const scrapers = new Scrapers();
  scrapers.saw("a", 0, scrapers.begin());
  const rendering = scrapers.begin();
  scrapers.saw("a", 1_000, rendering);
  // Another rendering begins before the second one is told of the first.
  scrapers.saw("a", 1_100, scrapers.begin());
  scrapers.saw("b", 1_200, rendering);
  assert.equal(scrapers.seenOnceSince(1_200), rendering);
  assert.equal(scrapers.sequence, 3);
});

Deno.test("Scrapers counts a rendering shown twice to the same one as seen once", () => {
  const scrapers = new Scrapers();
  const rendering = scrapers.begin();
  scrapers.saw("a", 0, rendering);
  scrapers.saw("a", 10, rendering);
  assert.equal(scrapers.seenTwiceSince(10), 0);
  for (let shown = 0; shown < 2; shown++) scrapers.sawAnonymous(rendering);
  assert.equal(scrapers.anonymousSeenTwiceSince, 0);
});

Deno.test("Scrapers gives up on one that missed its intervals", () => {
  const scrapers = new Scrapers();
  for (const nowMs of [0, 1_000]) scrapers.saw("gone", nowMs, scrapers.begin());
  scrapers.saw("here", 1_500, scrapers.begin());
  assert.equal(scrapers.seenOnceSince(3_500), 2);
  assert.equal(scrapers.seenOnceSince(3_501), 3);
});

Deno.test("Scrapers waits longer for one whose interval is not known yet", () => {
  const scrapers = new Scrapers();
  scrapers.saw("new", 0, scrapers.begin());
  assert.equal(scrapers.seenOnceSince(150_000), 1);
  assert.equal(scrapers.seenOnceSince(150_001), 0);
});

Deno.test("Scrapers waits after a restart for as many as there were", () => {
  const before = new Scrapers();
  for (const nowMs of [0, 1_000]) for (const scraper of ["a", "b"]) before.saw(scraper, nowMs, before.begin());
  const scrapers = new Scrapers();
  scrapers.loadState(JSON.parse(JSON.stringify(before.saveState())), 2_000);
  scrapers.saw("a again", 2_100, scrapers.begin());
  assert.equal(scrapers.seenOnceSince(2_100), 0);
  scrapers.saw("b again", 2_200, scrapers.begin());
  assert.equal(scrapers.seenOnceSince(2_200), 1);
});

Deno.test("Scrapers after a restart gives up on one that does not come back", () => {
  const scrapers = new Scrapers();
  scrapers.loadState([1_000, 1_000], 0);
  scrapers.saw("a", 100, scrapers.begin());
  assert.equal(scrapers.seenOnceSince(2_501), 1);
});
