import { PORT } from './socket-folder.js';

/** Settings of the server, as arguments: they win over whatever a file in the data folder says. */
export function postgresSettings(options: {
  socketFolder: string;
  maxConnections: number;
  durable: boolean;
}): string[] {
  const settings = {
    listen_addresses: '',
    unix_socket_directories: options.socketFolder,
    unix_socket_permissions: '0700',
    port: PORT,
    max_connections: options.maxConnections,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // One service beside it on the machine: small, and without processes for what it does not use.
    shared_buffers: '64MB',
    huge_pages: 'off',
    maintenance_work_mem: '32MB',
    max_wal_size: '256MB',
    io_method: 'sync',
    jit: 'off',
    max_parallel_workers_per_gather: 0,
    max_logical_replication_workers: 0,
    max_wal_senders: 0,
    wal_level: 'minimal',
    // Starts, stops and crashes. A failed statement is its client's to report, who knows which
    // values may be shown; here they would stay on disk, and let the file grow.
    log_min_messages: 'log',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
    log_autovacuum_min_duration: -1,
    ...(options.durable
      ? {}
      : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
