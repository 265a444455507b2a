const never = new Int32Array(new SharedArrayBuffer(4));

/** Lets this thread sleep. For a few milliseconds only: nothing else runs in it meanwhile. */
export function pause(milliseconds: number): void {
  Atomics.wait(never, 0, 0, milliseconds);
}
