import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "@playwright/test";

// script/test says which Chromium starts on this machine.
const systemChromium = "/usr/bin/chromium";
const chromium = process.env.CHROMIUM_PATH ?? (existsSync(systemChromium) ? systemChromium : null);
// It starts the production server on the embedded database, and stops it.
const globalSetup = "./e2e/global-setup.ts";
const hasGlobalSetup = existsSync(fileURLToPath(new URL(globalSetup, import.meta.url)));

export default defineConfig({
  testDir: "e2e",
  ...(hasGlobalSetup ? { globalSetup } : {}),
  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,
  timeout: 180_000,
  expect: { timeout: 30_000 },
  use: {
    browserName: "chromium",
    video: "off",
    launchOptions: {
      ...(chromium === null ? {} : { executablePath: chromium }),
      args: [
        // Chromium's sandbox does not start for root, as in most containers.
        "--no-sandbox",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
      ],
    },
  },
});
