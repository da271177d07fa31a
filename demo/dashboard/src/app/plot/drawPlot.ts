import uPlot from 'uplot';
import { type Traffic } from '../streams/Traffic';

/** Draws a line a stream, in the colours that the page has now. */
export function drawPlot(place: HTMLElement, streams: readonly Traffic[], data: uPlot.AlignedData): uPlot {
  const style = getComputedStyle(place);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--faint'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: '12px system-ui, sans-serif',
  };
  return new uPlot(
    {
      width: place.clientWidth,
      height: place.clientHeight,
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false }, y: { range: (_, _min, max) => [0, Math.max(100, 1.1 * (max ?? 0))] } },
      axes: [
        { ...axis, size: 30, values: (_, times) => times.map((time) => (time === 0 ? 'now' : `${time} s`)) },
        { ...axis, size: 62, values: (_, rates) => rates.map(inWords) },
      ],
      series: [
        {},
        ...streams.map(({ kind, colour: number }) => ({
          label: kind,
          stroke: colour(`--series-${number}`),
          width: 2,
          dash: number % 2 === 1 ? [6, 3] : [], // not told apart by colour alone
          points: { show: false },
        })),
      ],
    },
    data,
    place,
  );
}

function inWords(rate: number): string {
  return rate >= 1_000_000 ? `${rate / 1_000_000} MB` : rate >= 1000 ? `${rate / 1000} kB` : `${rate} B`;
}
