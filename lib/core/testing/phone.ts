import { parseOtpauthUri } from "@/lib/crypto/otpauth-uri";
import { totpCode, totpStep } from "@/lib/crypto/totp";
import { LIMITS } from "../limits";

/** A pretend phone: it holds one account and, like a careful person, never shows the same step's code twice. */
export class Phone {
  readonly #account;
  #lastStep = -1;

  /** @param uri the key URI read from the QR code */
  constructor(uri: string) {
    this.#account = parseOtpauthUri(uri);
  }

  /**
   * A code that a server with this clock takes for 30 seconds at least, of a step not shown before: the present
   * one's, then the next one's. Throws when these are used up: move the clock on.
   */
  code(now: Date): string {
    const present = totpStep(now, this.#account.periodSeconds);
    const step = Math.max(present, this.#lastStep + 1);
    if (step > present + 1) throw new Error("this phone has no fresh code before its next step");
    this.#lastStep = step;
    return totpCode(this.#account.secret, this.#account, step);
  }

  /** The code so many steps from now, whether shown before or not. */
  codeAt(now: Date, steps: number): string {
    return totpCode(this.#account.secret, this.#account, totpStep(now, this.#account.periodSeconds) + steps);
  }

  /** A code that is wrong around now, and of no time that a diagnosis looks at. */
  wrongCode(now: Date): string {
    const far = LIMITS.clockDiagnosis.steps + 1;
    const near = new Set(Array.from({ length: 2 * far + 1 }, (_, index) => this.codeAt(now, index - far)));
    const wrong = ["000000", "111111", "222222", "333333", "444444", "555555"].find(
      (code) => !near.has(code),
    );
    return wrong ?? "666666";
  }
}
