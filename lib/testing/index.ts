export { type LinkDirection, type LinkedTransport, type LinkOptions, linkedTransports } from './linkedTransports.js';
