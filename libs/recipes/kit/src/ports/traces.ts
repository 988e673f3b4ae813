/** Looks at the traces of the watched system (the query API that Jaeger and Tempo share). */
export abstract class TracesReader {
  /**
   * The spans of a trace, each as the JSON that the backend keeps it in; `undefined` for one that it does not have. An id
   * that is none (16 to 32 hexadecimal digits), and a trace of more than `MOST_TRACE_BYTES`, are `PortFailure('invalid')`.
   */
  abstract trace(id: string): Promise<string[] | undefined>
}
export const MOST_TRACE_BYTES = 1_000_000
