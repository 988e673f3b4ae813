/** What can have changed: words for a sign beside the sentence. Clients take words that they do not know. */
export const changeKinds = ['at-maximum', 'traffic', 'image', 'replicas', 'autoscaler', 'figure', 'run'] as const
