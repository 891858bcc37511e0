/** What /readyz asks: true when this instance can serve. Must not throw. */
export type ReadinessCheck = () => Promise<boolean>;

/**
 * Bounds a check: an answer comes within `withinMs`, and checks asked for at once share one run.
 * @param check a failure counts as not ready
 */
export function boundedCheck(check: () => Promise<boolean>, withinMs: number): ReadinessCheck {
  let running: Promise<boolean> | null = null;
  return () => {
    running ??= bounded(check, withinMs).finally(() => {
      running = null;
    });
    return running;
  };
}

async function bounded(check: () => Promise<boolean>, withinMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, withinMs, false);
  });
  try {
    return await Promise.race([check(), late]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
