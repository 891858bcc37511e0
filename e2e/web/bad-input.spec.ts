import { type Form, type Part, postForm, readForms } from "../forms";
import { PASSWORD } from "../people";
import { expect, type Place, places, test } from "../places";
import { snapshotOf } from "../snapshot";

/** What a field may hold that no form of ours takes. A lone surrogate has no UTF-8, so its raw bytes are sent. */
const garbage: [string, Part | null][] = [
  ["missing", null],
  ["empty", ""],
  ["blank", " \t "],
  ["overlong", "a".repeat(3000)],
  ["NUL", "a\0b@example.org"],
  ["a lone surrogate", Buffer.from([0x61, 0xed, 0xa0, 0x80, 0x62])],
  ["bytes that are no UTF-8", Buffer.from([0xff, 0xfe, 0xc0, 0x80])],
  ["a file", { filename: "a.txt", content: "123456" }],
  ["an empty file", { filename: "", content: "" }],
];

/** Names may be left out, but where one is changed: that form names what is. */
function isFine(form: Form, field: string, kind: string): boolean {
  if (field === "name" && !("id" in form.fields)) return ["missing", "empty", "blank"].includes(kind);
  // An administrator who types no password invites; a box that is not ticked says nothing.
  if (form.path === "/admin/users/new" && field === "password") return ["missing", "empty"].includes(kind);
  if (field === "isAdmin") return ["missing", "empty", "blank", "an empty file"].includes(kind);
  return false;
}

/** Typed into the fields that a case leaves alone: right where it can be without letting anything through. */
function typed(field: string, email: string): string {
  const values: Record<string, string> = {
    email,
    password: PASSWORD,
    newPassword: "a longer new password",
    name: "Mine",
  };
  return values[field] ?? "000000";
}

const withForms: Place[] = places.filter(({ heading, name }) => {
  const isFormless =
    /nothing here|not shown again|recovery code$|no longer works|for administrators|Check your e-mail|APIs?$|Conformance/.test(
      heading,
    );
  return !isFormless && !/notice/.test(name);
});

for (const { name, path, visitor } of withForms) {
  test(`no field of ${name} takes garbage: each is a 4xx and changes nothing`, async ({
    page,
    become,
    db,
    address,
    email,
  }) => {
    const there = await become(page, visitor);
    const forms = await readForms(page.request, there(path));
    expect(forms.length).toBeGreaterThan(0);
    const [session] = await db.session.findMany({ where: { address }, orderBy: { id: "desc" }, take: 1 });
    const before = session && (await snapshotOf(db, session.userId));
    const found: string[] = [];
    for (const form of forms.filter(({ inputs }) => inputs.length > 0)) {
      for (const field of form.inputs) {
        for (const [kind, part] of garbage) {
          if (isFine(form, field, kind)) continue;
          const others = form.inputs.filter((other) => other !== field);
          const parts = others.map((other): [string, Part] => [other, typed(other, email)]);
          const answer = await postForm(
            page.request,
            form,
            part === null ? parts : [...parts, [field, part]],
          );
          const status = answer.status();
          if (status < 400 || status > 499) found.push(`${field}, ${kind}: ${status}`);
        }
      }
    }
    expect(found).toEqual([]);
    if (session) expect(await snapshotOf(db, session.userId)).toBe(before);
    expect(await db.user.count({ where: { email } })).toBe(0);
  });
}

test("hidden fields with made-up ids, and with ids of somebody else's, are refused alike, and change nothing", async ({
  page,
  become,
  db,
  address,
  makeProtected,
}) => {
  const there = await become(page, "protected");
  const pages = ["", "/authenticators/{factor}/remove", "/authenticators/{factor}/test"];
  const read = pages.map((path) => readForms(page.request, there(`/settings/security${path}`)));
  const forms = (await Promise.all(read)).flat().filter(({ fields }) => "id" in fields);
  expect(forms.length).toBeGreaterThanOrEqual(3);
  const [session] = await db.session.findMany({ where: { address }, orderBy: { id: "desc" }, take: 1 });
  const userId = session?.userId ?? "";
  const before = await snapshotOf(db, userId);
  const other = await makeProtected();
  const { id: sessionId } = await db.session.findFirstOrThrow({ where: { userId: other.id } });
  const theirs = { ...other, sessionId };
  const theirsBefore = await snapshotOf(db, theirs.id);
  for (const form of forms) {
    for (const id of [
      "",
      "1",
      "../..",
      "\0",
      "0".repeat(26),
      "7ZZZZZZZZZZZZZZZZZZZZZZZZZ",
      "a".repeat(5000),
      theirs.factorId,
      theirs.sessionId,
    ]) {
      const parts = form.inputs.map((field): [string, Part] => [field, typed(field, "")]);
      const { id: _real, ...fields } = form.fields;
      const answer = await postForm(page.request, { ...form, fields: { ...fields, id } }, parts);
      expect(`${id.slice(0, 30)}: ${answer.status()}`).toBe(`${id.slice(0, 30)}: 404`);
    }
  }
  expect(await snapshotOf(db, userId)).toBe(before);
  expect(await snapshotOf(db, theirs.id)).toBe(theirsBefore);
});
