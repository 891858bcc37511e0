import { Fragment } from "react";

/** An e-mail address that may be broken before its @ and after its dots, rather than anywhere. Other text is shown as it is. */
export function AddressText({ children }: { children: string }) {
  const parts = children.split(/(?=@)|(?<=\.)/);
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
