import { compare } from "bcryptjs";
import { createHmac, timingSafeEqual } from "node:crypto";

/** `busy`: too many are being checked; the client may try again. */
export type Verdict = "right" | "wrong" | "busy";

export interface VerifierOptions {
  /** Random bytes; without them nobody can tell from a remembered digest whether a password is right. */
  readonly secret: Uint8Array;
}

/** Checks that wait at one time. Bcrypt takes some 50 ms of the only thread, so they are also made one by one. */
const PENDING_MAX = 16;
/** Salt and digest of no password: what an unknown user's password is compared with. */
const NO_PASSWORD = "abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZabcde";
const DEFAULT_COST = "10";

/**
 * Compares passwords with bcrypt hashes. What was right once is remembered as a keyed digest, so that a scrape does
 * not pay for bcrypt; an unknown user costs as much as a wrong password, so that names cannot be told apart.
 */
export class PasswordVerifier {
  readonly #secret: Uint8Array;
  /** One per user, hence bounded. */
  readonly #verified = new Map<string, Uint8Array>();
  readonly #pending = new Map<string, Promise<boolean>>();
  #last: Promise<unknown> = Promise.resolve();

  constructor({ secret }: VerifierOptions) {
    this.#secret = secret;
  }

  /** @param users Bcrypt hashes by name. */
  async verify(user: string, password: string, users: ReadonlyMap<string, string>): Promise<Verdict> {
    const known = users.get(user);
    const hash = known ?? `$2b$${costOf(users)}$${NO_PASSWORD}`;
    const digest = createHmac("sha256", this.#secret).update(JSON.stringify([user, hash, password])).digest();
    const verified = this.#verified.get(user);
    if (verified !== undefined && timingSafeEqual(verified, digest)) return "right";
    const key = digest.toString("base64");
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      if (this.#pending.size >= PENDING_MAX) return "busy";
      pending = this.#compare(password, hash).finally(() => this.#pending.delete(key));
      this.#pending.set(key, pending);
    }
    const isRight = await pending && known !== undefined;
    if (isRight) this.#remember(user, digest, users);
    return isRight ? "right" : "wrong";
  }

  #compare(password: string, hash: string): Promise<boolean> {
    const result = this.#last.then(() => compare(password, hash));
    // The next one waits for the end, however it ends.
    this.#last = result.catch(() => {});
    return result;
  }

  #remember(user: string, digest: Uint8Array, users: ReadonlyMap<string, string>): void {
    for (const name of this.#verified.keys()) if (!users.has(name)) this.#verified.delete(name);
    this.#verified.set(user, digest);
  }
}

/** The cost of any of the users' hashes: they are usually made the same way. */
function costOf(users: ReadonlyMap<string, string>): string {
  const [hash] = users.values();
  return hash?.slice(4, 6) ?? DEFAULT_COST;
}
