/** What a URL asks for: all of them, or those that are not all there; and which stands open beside the list. */
export function parseLook(search: Record<string, unknown>): { show?: 'short'; open?: string } {
  const { show, open } = search
  return {
    ...(show === 'short' ? { show } : {}),
    ...(typeof open === 'string' && open !== '' && open.length <= 300 ? { open } : {}),
  }
}
