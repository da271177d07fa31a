export { type LinkedTransport, type LinkOptions, linkedTransports } from './linkedTransports.js';
