import type { BrowserContext, Page } from "@playwright/test";

const HTTP_REFUSAL = /^Failed to load resource: the server responded with a status of 4\d\d/;

/** Notes everything that a browser complains of: console errors and warnings, uncaught errors, policy violations. */
export class Watch {
  readonly complaints: string[] = [];
  readonly #allowed: RegExp[] = [];

  /** Lets complaints pass that the test is about. */
  allow(...patterns: RegExp[]): void {
    this.#allowed.push(...patterns);
  }

  /** Lets the browser write down that an answer was a 4xx, as it does for documents that are. */
  allowRefusals(): void {
    this.allow(HTTP_REFUSAL);
  }

  /** Every page of a context, also those that it opens later. Call it before the first page. */
  async over(context: BrowserContext): Promise<void> {
    context.on("page", (page) => this.#listen(page));
    context.on("weberror", (error) => this.#note(`uncaught: ${error.error().message}`));
    await context.exposeBinding("reportPolicyViolation", (_source, what: string) =>
      this.#note(`policy: ${what}`),
    );
    await context.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        // Playwright's binding, which window's type does not know.
        const report = (window as unknown as Record<string, (what: string) => void>).reportPolicyViolation;
        report?.(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
      });
    });
  }

  /** What nobody allowed. */
  unexpected(): string[] {
    return this.complaints.filter((text) => !this.#allowed.some((pattern) => pattern.test(text)));
  }

  #listen(page: Page): void {
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.#note(message.text());
    });
    page.on("crash", () => this.#note("the page crashed"));
  }

  #note(text: string): void {
    this.complaints.push(text);
  }
}
