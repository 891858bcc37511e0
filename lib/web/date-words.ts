const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A date may not be broken at the end of a line. */
const unbroken = (text: string) => text.replaceAll(" ", "\u00a0");

const dayNumber = (moment: Date) => Math.floor(moment.getTime() / 86_400_000);

/**
 * A moment in words, as seen at `now`: "just now", "12 min ago", "today 14:03", "yesterday 14:03", "3 Nov", "3 Nov 2024".
 * In UTC, as the server does not know where the reader is; under an hour it makes no difference.
 */
export function momentInWords(moment: Date, now: Date): string {
  const seconds = Math.floor((now.getTime() - moment.getTime()) / 1000);
  if (seconds < 60) return unbroken("just now");
  if (seconds < 3600) return unbroken(`${Math.floor(seconds / 60)} min ago`);
  const time = moment.toISOString().slice(11, 16);
  const daysAgo = dayNumber(now) - dayNumber(moment);
  if (daysAgo === 0) return unbroken(`today ${time}`);
  if (daysAgo === 1) return unbroken(`yesterday ${time}`);
  return dayInWords(moment, now);
}

/** A day in words: "today", "yesterday", "3 Nov", "3 Nov 2024". In UTC. */
export function dayInWords(moment: Date, now: Date): string {
  const daysAgo = dayNumber(now) - dayNumber(moment);
  if (daysAgo === 0) return "today";
  if (daysAgo === 1) return "yesterday";
  return dateInWords(moment, now);
}

/** A day in words, whether past or to come: "3 Nov", "3 Nov 2024". In UTC. */
export function dateInWords(moment: Date, now: Date): string {
  return moment.getUTCFullYear() === now.getUTCFullYear() ? dayAndMonth(moment) : fullDate(moment);
}

/** A day with its year, for what is read at any time: "3 Nov 2024". In UTC. */
export function fullDate(moment: Date): string {
  return unbroken(`${dayAndMonth(moment)} ${moment.getUTCFullYear()}`);
}

const dayAndMonth = (moment: Date) => unbroken(`${moment.getUTCDate()} ${MONTHS[moment.getUTCMonth()]}`);

/** The exact time, for a title: "2025-11-03 14:03:09 UTC". */
export function exactTime(moment: Date): string {
  return `${moment.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
