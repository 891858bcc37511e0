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
        <div className="flex flex-wrap items-end gap-x-4 gap-y-3">
          <div className="min-w-0 flex-1 basis-64">
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
        <p id="q-hint" className="mt-1 text-sm text-quiet">
          {a.users.searchHint}
        </p>
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
      <input
        type="checkbox"
        name={name}
        value="1"
        defaultChecked={isTicked}
        className="size-6 shrink-0 accent-given-strong"
      />
      {label}
    </label>
  );
}
