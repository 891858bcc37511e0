"use client";

import { useEffect, useRef } from "react";
import { m } from "@/lib/web/messages";
import { buttonLook } from "./ui/button-look";
import { CopyButton } from "./ui/copy-button";

type Props = { account: string; issuer: string; secret: string; uri: string };

/** The same key for whoever cannot scan the picture: by hand, by link, or on the same phone. Open where fingers point. */
export function KeyPanel({ account, issuer, secret, uri }: Props) {
  const panel = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    if (panel.current && matchMedia("(pointer: coarse)").matches) panel.current.open = true;
  }, []);
  const groups = secret.match(/.{1,4}/g) ?? [];
  return (
    <details ref={panel} className="border-t border-line pt-2">
      <summary className="link link-alone font-medium">{m.wizard.cannotScan}</summary>
      <div className="mt-3 flex flex-col gap-4 pb-2">
        <a href={uri} className={`${buttonLook("main")} self-start pointer-fine:hidden`}>
          {m.wizard.openApp}
        </a>
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-2">
          <dt className="text-quiet">{m.wizard.account}</dt>
          <dd className="break-words" translate="no">
            {account}
          </dd>
          <dt className="text-quiet">{m.wizard.issuer}</dt>
          <dd translate="no">{issuer}</dd>
          <dt className="text-quiet">{m.wizard.key}</dt>
          <dd id="key" translate="no" dir="ltr" className="font-mono text-lg">
            {groups.map((group, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: groups of one key, which never changes
              <span key={index} className="me-2 inline-block">
                {group}
              </span>
            ))}
          </dd>
        </dl>
        <p className="text-sm text-quiet">{m.wizard.keyNote}</p>
        <div className="flex flex-wrap gap-3">
          <CopyButton label={m.wizard.copyKey} text={secret} sourceId="key" />
          <CopyButton label={m.wizard.copyLink} text={uri} sourceId="key" />
        </div>
      </div>
    </details>
  );
}
