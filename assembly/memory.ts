/** First address that no static data of this module uses: where the runtime's allocator may begin. */
export function heap_base(): usize {
  return __heap_base;
}
