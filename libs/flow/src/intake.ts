/**
 * One thing that a monitor said about one target, in our words. What a source (`integrations/sources`) makes of a
 * payload. Every text in it is outside input: it is shown and matched, never executed and never trusted as a name
 * of something to act on.
 */
export interface IncomingAlert {
  /** As its source named it; with the source it is the alert's identity. */
  fingerprint: string
  status: 'firing' | 'resolved'
  labels: Record<string, string>
  annotations: Record<string, string>
  /** RFC 3339. When this episode began; a later one of the same fingerprint is the alert firing again. */
  starts_at: string
  ends_at: string | null
  generator_url: string | null
}
