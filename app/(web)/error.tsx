"use client";

import { EntryPage, PageHeading } from "@/components/entry-page";
import { Button } from "@/components/ui/button";
import { m } from "@/lib/web/messages";

/** A page that could not be made. */
export default function PageFailed() {
  return (
    <EntryPage>
      <div>
        <PageHeading title={m.errors.failedTitle}>{m.errors.failed}</PageHeading>
        <Button onClick={() => location.reload()}>{m.common.tryAgain}</Button>
      </div>
    </EntryPage>
  );
}
