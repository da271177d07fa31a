/** `npm run test:hostile` takes its time; `npm test` looks at everything, shortly. */
export const isFullForm = process.env.RX_SMUX_HOSTILE === 'full';
