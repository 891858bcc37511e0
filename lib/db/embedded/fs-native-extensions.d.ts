/** The part of the package that is used here; it brings no types. */
declare module "fs-native-extensions" {
  /** Asks for an exclusive lock on an open file; false when another descriptor holds it. */
  export function tryLock(fd: number): boolean;
}
