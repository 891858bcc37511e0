import { a } from "@/lib/web/admin-messages";
import { buttonLook } from "./ui/button-look";
import { INPUT_LOOK } from "./ui/input-look";

/** What was asked for, as the page's address has it. */
export type UserSearchValues = { q: string; twoFactor: string; admins: boolean; disabled: boolean };

/** A form that asks for a list: its address says what was asked, so it can be kept and shared. */
export function UserSearch({ values, isAsked }: { values: UserSearchValues; isAsked: boolean }) {
  const { q, twoFactor, admins, disabled } = values;
  return (
    <search>
      <form method="get" action="/admin/users" className="mb-6">
        <div className="grid grid-cols-[minmax(0,1fr)_auto] items-end gap-x-4 sm:grid-cols-[minmax(0,1fr)_auto_auto]">
          <div className="max-sm:col-span-full">
            <label htmlFor="q" className="mb-1 block font-medium">
              {a.users.search}
            </label>
            <input
              id="q"
              name="q"
              type="search"
              defaultValue={q}
              maxLength={254}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              aria-describedby="q-hint"
              className={INPUT_LOOK}
            />
          </div>
          <p id="q-hint" className="col-span-full mt-1 text-sm text-quiet max-sm:mb-3 sm:row-start-2">
            {a.users.searchHint}
          </p>
          <div>
            <label htmlFor="twoFactor" className="mb-1 block font-medium">
              {a.users.twoFactor}
            </label>
            <select id="twoFactor" name="twoFactor" defaultValue={twoFactor} className={INPUT_LOOK}>
              <option value="">{a.users.anyTwoFactor}</option>
              <option value="on">{a.users.on}</option>
              <option value="off">{a.users.off}</option>
            </select>
          </div>
          <button type="submit" className={buttonLook("plain")}>
            {a.users.submit}
          </button>
        </div>
        <div className="mt-2 flex flex-wrap items-center gap-x-6">
          <Box name="admins" label={a.users.administrators} isTicked={admins} />
          <Box name="disabled" label={a.users.disabledOnly} isTicked={disabled} />
          {isAsked && (
            <a href="/admin/users" className="link link-alone">
              {a.users.clear}
            </a>
          )}
        </div>
      </form>
    </search>
  );
}

function Box({ name, label, isTicked }: { name: string; label: string; isTicked: boolean }) {
  return (
    <label className="target flex w-fit items-center gap-3">
      <input type="checkbox" name={name} value="1" defaultChecked={isTicked} className="tick" />
      {label}
    </label>
  );
}
