import { bootstrapApplication } from '@angular/platform-browser';
import { App } from './app/App';

bootstrapApplication(App).catch((error: unknown) => console.error(error));
