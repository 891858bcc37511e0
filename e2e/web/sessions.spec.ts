import { expect, test } from "../fixtures";
import { arriveAt, codeField, open, reachCodeEntry, SECURITY } from "../steps";

const session = "/api/auth/session";

test("browsers are listed in words, this one first, and a revoked one is dead at its next request", async ({
  page,
  openBrowser,
  protectedPerson,
  bringSession,
}) => {
  const other = await openBrowser();
  await bringSession(other, protectedPerson);
  await open(other, SECURITY);
  await reachCodeEntry(page, protectedPerson.email);
  await codeField(page).fill(protectedPerson.phone.code(new Date()));
  await arriveAt(page, SECURITY);
  const rows = page.locator("#browsers li");
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText("Chrome");
  await expect(rows.first()).toContainText("This browser");
  await expect(rows.last()).toContainText(
    /Signed in \d+\smin\sago, seen (just\snow|\d+\smin\sago), 10\.[\d.]+/,
  );
  await expect(rows.last()).toContainText("Firefox on Windows");
  await rows.last().getByRole("button", { name: "Sign out Firefox on Windows" }).click();
  await expect(page.getByText("That browser is signed out.")).toBeVisible();
  await expect(rows).toHaveCount(1);
  expect(await (await other.request.get(session)).json()).toEqual({});
  await other.goto(SECURITY);
  await arriveAt(other, "/sign-in");
});

test("a form of a revoked browser changes nothing and leads to sign-in", async ({
  page,
  db,
  protectedPerson,
  bringSession,
}) => {
  await bringSession(page, protectedPerson);
  await open(page, SECURITY);
  await db.session.deleteMany({ where: { userId: protectedPerson.id } });
  await page.getByRole("button", { name: "Make new codes" }).click();
  await arriveAt(page, "/sign-in");
  expect(await db.recoveryReveal.count({ where: { userId: protectedPerson.id } })).toBe(0);
});

test("all other browsers are signed out at once", async ({
  page,
  openBrowser,
  db,
  protectedPerson,
  bringSession,
}) => {
  await bringSession(page, protectedPerson);
  const others = [await openBrowser(), await openBrowser()];
  for (const other of others) {
    await reachCodeEntry(other, protectedPerson.email);
    await codeField(other).fill(protectedPerson.phone.code(new Date()));
    await arriveAt(other, SECURITY);
  }
  await open(page, SECURITY);
  await page.getByRole("button", { name: "Sign out all others" }).click();
  await expect(page.getByText("All other browsers are signed out.")).toBeVisible();
  expect(await db.session.count({ where: { userId: protectedPerson.id } })).toBe(1);
  for (const other of others) expect(await (await other.request.get(session)).json()).toEqual({});
});

test("next-auth tells who is signed in, without any token, and its sign-out ends the session's row", async ({
  page,
  db,
  protectedPerson,
  bringSession,
}) => {
  await bringSession(page, protectedPerson);
  const told = await (await page.request.get(session)).json();
  expect(told.user).toMatchObject({ email: protectedPerson.email, isAdmin: false });
  expect(told.twoFactor).toEqual({ isOn: true });
  expect(JSON.stringify(told)).not.toContain(protectedPerson.token);
  const forged = await page.request.post("/api/auth/signout", {
    form: { csrfToken: "0".repeat(64), json: "true" },
  });
  expect(forged.status()).toBeLessThan(500);
  expect(await db.session.count({ where: { userId: protectedPerson.id } })).toBe(1);
  const { csrfToken } = await (await page.request.get("/api/auth/csrf")).json();
  const out = await page.request.post("/api/auth/signout", { form: { csrfToken, json: "true" } });
  expect(out.status()).toBe(200);
  expect(await db.session.count({ where: { userId: protectedPerson.id } })).toBe(0);
  expect(await (await page.request.get(session)).json()).toEqual({});
  await page.goto(SECURITY);
  await arriveAt(page, "/sign-in");
});

test("an update by the browser changes nothing of a session", async ({
  page,
  protectedPerson,
  bringSession,
}) => {
  await bringSession(page, protectedPerson);
  const { csrfToken } = await (await page.request.get("/api/auth/csrf")).json();
  const data = { csrfToken, data: { user: { isAdmin: true }, isAdmin: true, sid: "x" } };
  await page.request.post(session, { data });
  const told = await (await page.request.get(session)).json();
  expect(told.user).toMatchObject({ email: protectedPerson.email, isAdmin: false });
});

test("signing out ends the session's row, and its cookie opens nothing afterwards", async ({
  page,
  openBrowser,
  db,
  protectedPerson,
  bringSession,
}) => {
  await bringSession(page, protectedPerson);
  await open(page, SECURITY);
  const cookies = await page.context().cookies();
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await arriveAt(page, "/sign-in");
  expect((await page.context().cookies()).filter(({ name }) => name.includes("session"))).toEqual([]);
  expect(await db.session.count({ where: { userId: protectedPerson.id } })).toBe(0);
  const thief = await openBrowser();
  await thief.context().addCookies(cookies);
  await thief.goto(SECURITY);
  await arriveAt(thief, "/sign-in");
});

test("an idle session and one past its time are dead", async ({
  page,
  db,
  protectedPerson,
  bringSession,
}) => {
  await bringSession(page, protectedPerson);
  const where = { userId: protectedPerson.id };
  await db.session.updateMany({ where, data: { lastSeenAt: new Date(Date.now() - 3_601_000) } });
  expect(await (await page.request.get(session)).json()).toEqual({});
  await db.session.updateMany({ where, data: { lastSeenAt: new Date(), expiresAt: new Date() } });
  expect(await (await page.request.get(session)).json()).toEqual({});
});

test("applications read who is signed in, and a cookie that opens nothing is taken away", async ({
  page,
  db,
  protectedPerson,
  bringSession,
}) => {
  const { id, email } = protectedPerson;
  await bringSession(page, protectedPerson);
  const answer = await page.request.get(session);
  expect(await answer.json()).toMatchObject({
    user: { id, email, isAdmin: false },
    twoFactor: { isOn: true },
    expires: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  expect(answer.headers()).toMatchObject({ "cache-control": "no-store" });
  expect(answer.headers()["set-cookie"]).toBeUndefined();
  await db.session.deleteMany({ where: { userId: id } });
  const dead = await page.request.get(session);
  expect(await dead.json()).toEqual({});
  expect(dead.headers()["set-cookie"]).toMatch(/^next-auth\.session-token=; .*Expires=Thu, 01 Jan 1970/);
});
