import assert from "node:assert/strict";
import { Scrapers } from "../../../lib/metrics/scrapers.ts";

Deno.test("Scrapers numbers scrapes and knows what all of them have seen", () => {
  const scrapers = new Scrapers();
  assert.equal(scrapers.seenOnceSince(0), 0);
  scrapers.saw("a", 0);
  assert.equal(scrapers.seenOnceSince(0), 1);
  assert.equal(scrapers.seenTwiceSince(0), 0);
  scrapers.saw("a", 1_000);
  assert.equal(scrapers.seenTwiceSince(1_000), 1);
});

Deno.test("Scrapers waits for the slower of two", () => {
  const scrapers = new Scrapers();
  for (const nowMs of [0, 5_000]) scrapers.saw("slow", nowMs);
  for (let nowMs = 5_000; nowMs <= 9_000; nowMs += 1_000) scrapers.saw("fast", nowMs);
  // The slow one's last scrape is number 2, the fast one's are 3 to 7.
  assert.equal(scrapers.seenOnceSince(9_000), 2);
  assert.equal(scrapers.seenTwiceSince(9_000), 1);
  scrapers.saw("slow", 10_000);
  assert.equal(scrapers.seenOnceSince(10_000), 7);
});

Deno.test("Scrapers gives up on one that missed its intervals", () => {
  const scrapers = new Scrapers();
  for (const nowMs of [0, 1_000]) scrapers.saw("gone", nowMs);
  scrapers.saw("here", 1_500);
  assert.equal(scrapers.seenOnceSince(3_500), 2);
  assert.equal(scrapers.seenOnceSince(3_501), 3);
});

Deno.test("Scrapers waits longer for one whose interval is not known yet", () => {
  const scrapers = new Scrapers();
  scrapers.saw("new", 0);
  assert.equal(scrapers.seenOnceSince(150_000), 1);
  assert.equal(scrapers.seenOnceSince(150_001), 0);
});

Deno.test("Scrapers waits after a restart for as many as there were", () => {
  const before = new Scrapers();
  for (const nowMs of [0, 1_000]) for (const scraper of ["a", "b"]) before.saw(scraper, nowMs);
  const scrapers = new Scrapers();
  scrapers.loadState(JSON.parse(JSON.stringify(before.saveState())), 2_000);
  scrapers.saw("a again", 2_100);
  assert.equal(scrapers.seenOnceSince(2_100), 0);
  scrapers.saw("b again", 2_200);
  assert.equal(scrapers.seenOnceSince(2_200), 1);
});

Deno.test("Scrapers after a restart gives up on one that does not come back", () => {
  const scrapers = new Scrapers();
  scrapers.loadState([1_000, 1_000], 0);
  scrapers.saw("a", 100);
  assert.equal(scrapers.seenOnceSince(2_501), 1);
});
