/** Which seeds a worker takes: every `step`th from the first one on. */
export interface Hunt {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** What a worker says: how many histories it has played, and what is wrong with one. */
export interface Found {
  readonly played: number;
  readonly report?: string;
}
