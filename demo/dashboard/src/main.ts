import { bootstrapApplication } from '@angular/platform-browser';
import { Dashboard } from './app/Dashboard';

bootstrapApplication(Dashboard).catch((error: unknown) => console.error(error));
