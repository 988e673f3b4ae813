/**
 * Resolves when what came in together has been looked at, request by request: once in each round of Node's event loop it
 * reads whatever stands in any socket.
 */
export const endOfRound = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
