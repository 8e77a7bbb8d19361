/** A body that was not read, by no fault of ours. */
export class UnreadableBody extends Error {
  override readonly name = 'UnreadableBody';

  constructor(readonly reason: 'too_large' | 'wrong_media_type') {
    super(reason);
  }
}
