/** What CHANGELOG.md says of a version, without its heading; `null` when it says nothing. */
export function changesOf(changelog: string, version: string): string | null {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.startsWith(`[${version}]`));
  if (section === undefined) return null;
  // Links to the versions stand at the end of the file.
  const body = section.slice(section.indexOf("\n") + 1).replace(/^\[[^\]]+\]: .*$/gm, "").trim();
  return body === "" ? null : body;
}
