import { Fragment } from "react";

/** An address, of mail or of a computer, that may be broken before its @ and after its dots and colons, rather than anywhere. */
export function AddressText({ children }: { children: string }) {
  const parts = children.split(/(?=@)|(?<=[.:])/);
  let end = 0;
  return (
    <span translate="no">
      {parts.map((part) => {
        end += part.length;
        return (
          <Fragment key={end}>
            {end > part.length && <wbr />}
            {part}
          </Fragment>
        );
      })}
    </span>
  );
}
