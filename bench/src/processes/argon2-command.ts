/** What the process of argon2-loop.ts is told to do. */
export interface Argon2Command {
  /** PHC string. */
  readonly secretHash: string;
  readonly secret: string;
  readonly seconds: number;
}
