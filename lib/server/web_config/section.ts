/** A mapping of the file, read key by key; whatever is wrong goes to one list of problems. */
export class Section {
  readonly #path: string;
  readonly #rest: Map<string, unknown>;
  readonly #problems: string[];

  /** @param path Key of the mapping, `""` for the whole file. */
  constructor(path: string, value: unknown, problems: string[]) {
    this.#path = path;
    this.#problems = problems;
    // An empty file or key is an empty mapping.
    const mapping = value ?? {};
    const isMapping = typeof mapping === "object" && !Array.isArray(mapping);
    if (!isMapping) this.#problem("", "must be a mapping");
    this.#rest = new Map(isMapping ? Object.entries(mapping) : []);
  }

  /** The value of a key, `undefined` when it is absent. Each key can be taken once. */
  take(name: string): unknown {
    const value = this.#rest.get(name);
    this.#rest.delete(name);
    return value;
  }

  /** A key's text; `null` when it is absent or empty. */
  text(name: string): string | null {
    const value = this.take(name) ?? "";
    if (typeof value === "string") return value === "" ? null : value;
    this.#problem(name, "must be text");
    return null;
  }

  oneOf<T extends string>(name: string, allowed: readonly T[]): T | null {
    const value = this.text(name);
    const found = allowed.find((one) => one === value) ?? null;
    if (value !== null && found === null) this.#problem(name, `must be one of ${allowed.join(", ")}`);
    return found;
  }

  section(name: string): Section | null {
    if (!this.#rest.has(name)) return null;
    return new Section(this.#join(name), this.take(name), this.#problems);
  }

  /** All that has not been taken. */
  entries(): readonly (readonly [name: string, value: unknown])[] {
    return [...this.#rest];
  }

  /** To be called when all known keys are taken. */
  refuseOthers(): void {
    for (const name of this.#rest.keys()) this.#problem(name, "is not known");
  }

  #problem(name: string, what: string): void {
    this.#problems.push(`${this.#join(name) || "the file"} ${what}`);
  }

  #join(name: string): string {
    return [this.#path, name].filter((part) => part !== "").join(".");
  }
}
