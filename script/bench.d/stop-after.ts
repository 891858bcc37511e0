type Stop = () => Promise<unknown>;

const running: Stop[] = [];

for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.once(signal, async () => {
    // What was started last may need what was started before.
    for (const stop of running.toReversed()) await stop().catch(console.error);
    process.exit(1);
  });

/**
 * Does some work, and then stops what was started for it, once: when the work ends, when it fails, and when the whole is
 * interrupted. These may be nested.
 * @throws what the work or `stop` throws
 */
export async function stopAfter<T>(stop: Stop, work: () => Promise<T>): Promise<T> {
  let stopping: Promise<unknown> | null = null;
  const stopOnce = () => {
    stopping ??= stop();
    return stopping;
  };
  running.push(stopOnce);
  try {
    return await work();
  } finally {
    await stopOnce().finally(() => running.splice(running.indexOf(stopOnce), 1));
  }
}
