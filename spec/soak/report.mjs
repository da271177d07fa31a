/** Tells the parent, once a second, what this process uses; ends with the parent. */
export function reportOn(more) {
  setInterval(() => {
    const handles = process.getActiveResourcesInfo().length;
    process.send({ rss: process.memoryUsage.rss(), handles, ...more() });
  }, 1000).unref();
  process.on('disconnect', () => process.exit());
  for (const event of ['unhandledRejection', 'uncaughtException']) {
    process.on(event, (error) => {
      console.error(error);
      process.exit(1);
    });
  }
}
