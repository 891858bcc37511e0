import { QRCodeSVG } from "qrcode.react";
import { m } from "@/lib/web/messages";

/** The key as a picture: black on a white plate in light and dark, with the four blank modules that scanners need. */
export function QrPlate({ uri }: { uri: string }) {
  return (
    <div className="w-fit max-w-full shrink-0 self-start rounded border border-line bg-white p-2">
      <QRCodeSVG
        value={uri}
        size={232}
        level="M"
        marginSize={4}
        fgColor="#000000"
        bgColor="#ffffff"
        role="img"
        aria-label={m.wizard.qrAlt}
        className="block h-auto max-w-full"
      />
    </div>
  );
}
