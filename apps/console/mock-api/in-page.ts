export function inPage() { return {} }
