/** `npm run test:kcp` takes a few minutes; `npm run test:kcp:full` goes through all combinations of settings. */
export const isFullForm = process.env.RX_SMUX_KCP === 'full';

/** Bytes. */
export const MB = 1_000_000;
