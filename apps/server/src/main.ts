import 'reflect-metadata';
import { runCommand } from './service/run-command.js';

process.exitCode = await runCommand(process.argv.slice(2), process.env);
