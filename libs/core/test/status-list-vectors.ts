/**
 * The test vectors of the specification, and what they are encoded to.
 * @see draft-ietf-oauth-status-list §4.1, Appendix C
 */
export const STATUS_LIST_VECTORS: readonly {
  readonly name: string;
  readonly bits: 1 | 2;
  readonly size: number;
  /** Index and status; the others are 0. */
  readonly statuses: readonly (readonly [number, number])[];
  readonly lst: string;
}[] = [
  {
    name: '16 statuses of 1 bit',
    bits: 1,
    size: 16,
    statuses: [
      [0, 1],
      [3, 1],
      [4, 1],
      [5, 1],
      [7, 1],
      [8, 1],
      [9, 1],
      [13, 1],
      [15, 1],
    ],
    lst: 'eNrbuRgAAhcBXQ',
  },
  {
    name: '12 statuses of 2 bits',
    bits: 2,
    size: 12,
    statuses: [
      [0, 1],
      [1, 2],
      [3, 3],
      [5, 1],
      [7, 1],
      [8, 1],
      [9, 2],
      [10, 3],
      [11, 3],
    ],
    lst: 'eNo76fITAAPfAgc',
  },
  {
    name: '2^20 statuses of 1 bit',
    bits: 1,
    size: 1048576,
    statuses: [
      [0, 1],
      [1993, 1],
      [25460, 1],
      [159495, 1],
      [495669, 1],
      [554353, 1],
      [645645, 1],
      [723232, 1],
      [854545, 1],
      [934534, 1],
      [1000345, 1],
    ],
    lst: 'eNrt3AENwCAMAEGogklACtKQPg9LugC9k_ACvreiogEAAKkeCQAAAAAAAAAAAAAAAAAAAIBylgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAXG9IAAAAAAAAAPwsJAAAAAAAAAAAAAAAvhsSAAAAAAAAAAAA7KpLAAAAAAAAAAAAAAAAAAAAAJsLCQAAAAAAAAAAADjelAAAAAAAAAAAKjDMAQAAAACAZC8L2AEb',
  },
  {
    name: '2^20 statuses of 2 bits',
    bits: 2,
    size: 1048576,
    statuses: [
      [0, 1],
      [1993, 2],
      [25460, 1],
      [159495, 3],
      [495669, 1],
      [554353, 1],
      [645645, 2],
      [723232, 1],
      [854545, 1],
      [934534, 2],
      [1000345, 3],
    ],
    lst: 'eNrt2zENACEQAEEuoaBABP5VIO01fCjIHTMStt9ovGVIAAAAAABAbiEBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEB5WwIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAID0ugQAAAAAAAAAAAAAAAAAQG12SgAAAAAAAAAAAAAAAAAAAAAAAAAAAOCSIQEAAAAAAAAAAAAAAAAAAAAAAAD8ExIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwJEuAQAAAAAAAAAAAAAAAAAAAAAAAMB9SwIAAAAAAAAAAAAAAAAAAACoYUoAAAAAAAAAAAAAAEBqH81gAQw',
  },
];
