import { matrix } from './matrix.js';

matrix('server');
