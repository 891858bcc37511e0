"use client";

import { EntryPage, PageHeading } from "@/components/entry-page";
import { m } from "@/lib/web/messages";
import { codes, words } from "./fonts";
import "./globals.css";

/** When even the frame around the pages could not be made. */
export default function EverythingFailed() {
  return (
    <html lang="en" className={`${words.variable} ${codes.variable}`}>
      <body>
        <EntryPage>
          <PageHeading title={m.errors.failedTitle}>{m.errors.failed}</PageHeading>
        </EntryPage>
      </body>
    </html>
  );
}
