/** A file that Vite serves beside the page: its address. */
declare module '*.wasm?url' {
  const url: string;
  export default url;
}
