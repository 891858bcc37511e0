import type { Metadata, Viewport } from "next";
import { connection } from "next/server";
import type { ReactNode } from "react";
import { m } from "@/lib/web/messages";
import { codes, words } from "./fonts";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: m.product, template: `%s · ${m.product}` },
  robots: { index: false, follow: false },
  formatDetection: { telephone: false, email: false, address: false, date: false },
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  colorScheme: "light dark",
};

/** Around every page. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  // Every page is made for its request, since its scripts carry the request's nonce; error pages too.
  await connection();
  return (
    <html lang="en" className={`${words.variable} ${codes.variable}`}>
      <body>
        <a
          href="#content"
          className="link sr-only focus:not-sr-only focus:absolute focus:start-4 focus:top-4 focus:bg-sheet focus:px-3 focus:py-2"
        >
          {m.skip}
        </a>
        {children}
      </body>
    </html>
  );
}
