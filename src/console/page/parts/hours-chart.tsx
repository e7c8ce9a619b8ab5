import { texts } from "../texts.ts";

interface Hour {
  hour: string;
  /** From bottom to top, one value per name. */
  values: readonly number[];
}

interface HoursChartProps {
  title: string;
  names: readonly string[];
  hours: readonly Hour[];
}

const height = 64;
const step = 10;
const time = new Intl.DateTimeFormat("en", { hour: "2-digit", minute: "2-digit", hour12: false });

/** The last 24 hours, one column an hour. Screen readers get one sentence: the totals and the peak hour. */
export function HoursChart({ title, names, hours }: HoursChartProps) {
  const totals = hours.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  const maxTotal = Math.max(1, ...totals);
  const fullest = hours[totals.indexOf(Math.max(...totals))];
  const said = names.map(
    (name, index) => `${hours.reduce((sum, { values }) => sum + (values[index] ?? 0), 0)} ${name}`,
  );
  const peak = fullest && Math.max(...totals) > 0 ? `, peak at ${time.format(new Date(fullest.hour))}` : "";
  return (
    <figure className="chart">
      <figcaption className="small">
        {title} <span className="quiet">{said.join(", ")}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${hours.length * step} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${title}: ${said.join(", ")}${peak}`}
      >
        {hours.map(({ hour, values }, index) => (
          <Column key={hour} x={index * step} values={values} scale={height / maxTotal}>
            {`${time.format(new Date(hour))}: ${names.map((name, at) => `${values[at] ?? 0} ${name}`).join(", ")}`}
          </Column>
        ))}
      </svg>
      <div className="chart-ends quiet small" aria-hidden="true">
        <span>{hours[0] && time.format(new Date(hours[0].hour))}</span>
        <span>{texts.now}</span>
      </div>
    </figure>
  );
}

interface ColumnProps {
  x: number;
  values: readonly number[];
  scale: number;
  children: string;
}

function Column({ x, values, scale, children }: ColumnProps) {
  let top = height;
  return (
    <g>
      <title>{children}</title>
      <rect x={x} y={0} width={step} height={height} className="chart-back" />
      {values.map((value, index) => {
        const tall = value === 0 ? 0 : Math.max(1.5, value * scale);
        top -= tall;
        const look = `chart-${index}`;
        return <rect key={look} x={x + 1} y={top} width={step - 2} height={tall} className={look} />;
      })}
    </g>
  );
}
