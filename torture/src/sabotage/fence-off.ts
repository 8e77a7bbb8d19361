import { inside, replaceMethod } from './inside.js';

// What was read from the database before a change is kept in memory after it.
const recent = await inside('@countersign/core', 'changes/recent-changes', 'RecentChanges');
replaceMethod(recent, 'anySince', () => false);
