/**
 * Answers at addresses below /api where nothing else does. Without it Next would make its page for what is not there,
 * and fail with a 500 on a form whose parts it cannot read.
 */
export function noSuchApi(): Response {
  return Response.json({ message: "Not found" }, { status: 404 });
}
