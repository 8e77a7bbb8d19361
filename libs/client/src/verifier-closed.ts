/** The verifier was closed before what was waited for came about. */
export class VerifierClosed extends Error {
  override readonly name = 'VerifierClosed';

  constructor() {
    super('the verifier was closed');
  }
}
