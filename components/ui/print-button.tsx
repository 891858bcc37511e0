"use client";

import type { ReactNode } from "react";
import { Button } from "./button";
import { useHydrated } from "./use-hydrated";

/** Opens the browser's print view. */
export function PrintButton({ children }: { children: ReactNode }) {
  const isHydrated = useHydrated();
  return (
    <span className={isHydrated ? "" : "invisible"}>
      <Button onClick={() => window.print()}>{children}</Button>
    </span>
  );
}
