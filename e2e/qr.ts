import type { Locator } from "@playwright/test";
import { PNG } from "pngjs";
import decodeQr from "qr/decode.js";

/** Reads a QR code from the picture on the screen, as a phone's camera would. */
export async function readQr(element: Locator): Promise<string> {
  const { width, height, data } = PNG.sync.read(await element.screenshot());
  return decodeQr({ width, height, data });
}
