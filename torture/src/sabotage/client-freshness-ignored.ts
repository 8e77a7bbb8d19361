import { inside, replaceMethod } from './inside.js';

// A local verifier takes what it knows for current, however long ago it heard from its replica.
const freshness = await inside('@countersign/client', 'feed/freshness', 'Freshness');
replaceMethod(freshness, 'ageMs', () => 0);
