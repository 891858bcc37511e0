/** The flood of `script/bench load`: wrong passwords, as many as there are answers to. */
import { Browser } from "./browser";
import type { FloodJob, FloodMeasured } from "./job";
import { percentile } from "./measure";

async function flood({ urls, emails, atOnce, seconds }: FloodJob): Promise<FloodMeasured> {
  const browsers = urls.map((url) => new Browser(url, atOnce));
  const form = await (browsers[0] as Browser).readForm("/sign-in", "password", ""); // There is a server.
  const deadline = performance.now() + seconds * 1000;
  const statuses: FloodMeasured["statuses"] = {};
  const times: number[] = [];
  let turn = 0;
  const worker = async () => {
    while (performance.now() < deadline) {
      const began = performance.now();
      const [browser, email = ""] = [browsers[turn % browsers.length], emails[turn++ % emails.length]];
      const answer = await browser
        ?.post(form, { email, password: `wrong password ${turn}` }, "")
        .catch(() => null);
      const status = answer?.status ?? 0;
      statuses[status] = (statuses[status] ?? 0) + 1;
      times.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  for (const browser of browsers) browser.close();
  times.sort((a, b) => a - b);
  return { statuses, p50Ms: percentile(times, 0.5), p99Ms: percentile(times, 0.99) };
}

// Sent by load.ts alone.
process.on("message", async (job: FloodJob) => process.send?.(await flood(job)));
