import { describeGoPeer } from './describeGoPeer.js';

describeGoPeer('1.5.16');
