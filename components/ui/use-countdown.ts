"use client";

import { useEffect, useState } from "react";

/**
 * Seconds left of a wait, counted down once a second; 0 when it is over or there is none.
 * @param cause a new one starts the count again
 */
export function useCountdown(seconds: number | null, cause: unknown): number {
  const [left, setLeft] = useState({ cause, seconds: seconds ?? 0 });
  // A new refusal must not show the old count for a moment.
  const current = left.cause === cause ? left.seconds : (seconds ?? 0);
  useEffect(() => {
    if (seconds === null || seconds <= 0) return;
    // The clock, and not the number of ticks: a sleeping page's timers stand still.
    const end = performance.now() + seconds * 1000;
    const timer = setInterval(() => {
      const remaining = Math.max(0, Math.ceil((end - performance.now()) / 1000));
      setLeft({ cause, seconds: remaining });
      if (remaining === 0) clearInterval(timer);
    }, 1000);
    return () => clearInterval(timer);
  }, [seconds, cause]);
  return current;
}
