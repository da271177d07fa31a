import { matrix } from './matrix.js';

matrix('client');
