import { exactTime, momentInWords } from "@/lib/web/date-words";

/** A moment in words, with the exact time for whoever points at it. */
export function Moment({ at, now, words }: { at: Date; now: Date; words?: string }) {
  return (
    <time dateTime={at.toISOString()} title={exactTime(at)}>
      {words ?? momentInWords(at, now)}
    </time>
  );
}
