"use client";

import { useEffect, useState } from "react";
import { m } from "@/lib/web/messages";
import { Button } from "./button";
import { useHydrated } from "./use-hydrated";

type Props = {
  label: string;
  /** What is copied. */
  text: string;
  /** The element whose text is selected when the clipboard is out of reach. */
  sourceId: string;
};

const SHOWN_MS = 2500;

/** Copies a text and says so; where the clipboard is denied it selects the text to be copied by hand. */
export function CopyButton({ label, text, sourceId }: Props) {
  const [outcome, setOutcome] = useState<"copied" | "selected" | null>(null);
  const isHydrated = useHydrated();

  useEffect(() => {
    if (outcome === null) return;
    const timer = setTimeout(setOutcome, SHOWN_MS, null);
    return () => clearTimeout(timer);
  }, [outcome]);

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome("copied");
    } catch {
      selectText(sourceId);
      setOutcome("selected");
    }
  }

  const said = outcome === "copied" ? m.common.copied : outcome === "selected" ? m.common.copyByHand : "";
  return (
    <span className={isHydrated ? "" : "invisible"}>
      <Button onClick={copy}>{outcome === "copied" ? m.common.copied : label}</Button>
      <span role="status" className={outcome === "selected" ? "ms-3 text-sm text-quiet" : "sr-only"}>
        {said}
      </span>
    </span>
  );
}

function selectText(id: string): void {
  const element = document.getElementById(id);
  if (element) getSelection()?.selectAllChildren(element);
}
