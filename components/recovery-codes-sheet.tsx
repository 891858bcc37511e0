import { m } from "@/lib/web/messages";
import { ButtonLink } from "./ui/button";
import { CopyButton } from "./ui/copy-button";
import { PrintButton } from "./ui/print-button";

type Props = {
  codes: string[];
  issuer: string;
  email: string;
  made: string;
  asText: string;
  downloadHref: string;
};

/** New recovery codes, the one time they are shown, and the ways to keep them. On paper only the codes remain. */
export function RecoveryCodesSheet({ codes, issuer, email, made, asText, downloadHref }: Props) {
  return (
    <div>
      <div className="print-only mb-4">
        <p className="text-xl font-semibold">{m.codes.fileTitle(issuer)}</p>
        <p>{m.codes.fileAccount(email)}</p>
        <p>{m.codes.fileMade(made)}</p>
        <p>{m.codes.once}</p>
      </div>
      <ol
        id="recovery-codes"
        translate="no"
        dir="ltr"
        className="grid grid-cols-[repeat(auto-fit,minmax(min(23ch,100%),1fr))] gap-x-8 gap-y-1 rounded border border-line bg-sheet px-5 py-4 font-mono text-base print:grid-cols-2"
      >
        {codes.map((code) => (
          <li key={code} className="whitespace-nowrap">
            {code}
          </li>
        ))}
      </ol>
      <div className="no-print mt-4 flex flex-wrap gap-3">
        <ButtonLink href={downloadHref} download>
          {m.codes.download}
        </ButtonLink>
        <CopyButton label={m.codes.copy} text={asText} sourceId="recovery-codes" />
        <PrintButton>{m.codes.print}</PrintButton>
      </div>
    </div>
  );
}
