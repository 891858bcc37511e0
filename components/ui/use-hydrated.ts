"use client";

import { useSyncExternalStore } from "react";

const nothing = () => () => {};

/** Whether the page's script runs: false in what the server sends, so that nothing is offered that needs it. */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    nothing,
    () => true,
    () => false,
  );
}
