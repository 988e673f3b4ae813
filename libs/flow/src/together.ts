interface Waiting<In, Out> {
  input: In
  done: (output: Out) => void
  failed: (why: unknown) => void
}

/**
 * Group commit: what is asked for while a turn is under way is done together in the next one. A transaction waits for the
 * disk once, however much it brings; whoever comes alone waits for nobody.
 */
export class Together<In, Out> {
  private readonly waiting: Waiting<In, Out>[] = []
  private underWay = false

  /**
   * @param turn does all of its inputs or none; its outputs stand in their order
   * @param fits whether one more goes into a turn that has these. The first always does.
   * @param gather is waited for before a turn begins, so that those who come at the same moment are in it
   */
  constructor(
    private readonly turn: (inputs: In[]) => Promise<Out[]>,
    private readonly fits: (taken: readonly In[], next: In) => boolean,
    private readonly gather?: () => Promise<void>,
  ) {}

  /** Rejects with what the turn says of this input alone: one that cannot be done spoils none of the others. */
  do(input: In): Promise<Out> {
    return new Promise((done, failed) => {
      this.waiting.push({ input, done, failed })
      if (!this.underWay) void this.work()
    })
  }

  private async work(): Promise<void> {
    this.underWay = true
    while (this.waiting.length > 0) {
      if (this.gather) await this.gather()
      await this.take(this.next())
    }
    this.underWay = false
  }

  private next(): Waiting<In, Out>[] {
    const taken = [this.waiting.shift()!]
    while (this.waiting.length > 0) {
      const inputs = taken.map(({ input }) => input)
      if (!this.fits(inputs, this.waiting[0]!.input)) break
      taken.push(this.waiting.shift()!)
    }
    return taken
  }

  private async take(taken: readonly Waiting<In, Out>[]): Promise<void> {
    try {
      const outputs = await this.turn(taken.map(({ input }) => input))
      taken.forEach(({ done }, at) => done(outputs[at]!))
    } catch (error) {
      if (taken.length === 1) taken[0]!.failed(error)
      else await Promise.all(taken.map((one) => this.take([one])))
    }
  }
}
