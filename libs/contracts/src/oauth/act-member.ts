import { z } from 'zod';

/** Who acts for a token's subject, as introspection tells it. */
export interface ActMember {
  sub: string;
  act?: ActMember | undefined;
}

/** The member `act` of an introspection answer. @see RFC 8693 §4.1, §7.3 */
export const actMember: z.ZodType<ActMember> = z
  .strictObject({
    sub: z.string(),
    get act() {
      return actMember.optional();
    },
  })
  .meta({ id: 'ActMember' });
