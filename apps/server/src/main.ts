import 'reflect-metadata';
import { runCommand } from './service/run-command.js';

// Explicitly: a start that was given up may still hold the event loop.
process.exit(await runCommand(process.argv.slice(2), process.env));
