/**
 * Connect encodes a status' message as a part of an address; gRPC's own form leaves alone what can be printed (gRPC over HTTP/2,
 * "Responses"), and clients show what they do not decode.
 */
export function spellMessage(trailers: Headers): void {
  const message = trailers.get("grpc-message");
  if (!message) return;
  const spelt = decodeURIComponent(message).replaceAll(/[^\x20-\x24\x26-\x7e]+/g, encodeURIComponent);
  trailers.set("grpc-message", spelt);
}
