const PI: f64 = 3.141592653589793;
const SOLAR_MASS: f64 = 4 * PI * PI;
const DAYS: f64 = 365.24;
const TIME_STEP: f64 = 0.01;

class Body {
  constructor(
    public x: f64,
    public y: f64,
    public z: f64,
    public vx: f64,
    public vy: f64,
    public vz: f64,
    public mass: f64,
  ) {}
}

/** The sun, Jupiter, Saturn, Uranus and Neptune as the Computer Language Benchmarks Game has them. */
class System {
  private bodies: StaticArray<Body> = [
    new Body(0, 0, 0, 0, 0, 0, SOLAR_MASS),
    new Body(
      4.8414314424647209,
      -1.16032004402742839,
      -0.103622044471123109,
      0.00166007664274403694 * DAYS,
      0.00769901118419740425 * DAYS,
      -0.0000690460016972063023 * DAYS,
      0.000954791938424326609 * SOLAR_MASS,
    ),
    new Body(
      8.34336671824457987,
      4.12479856412430479,
      -0.403523417114321381,
      -0.00276742510726862411 * DAYS,
      0.00499852801234917238 * DAYS,
      0.0000230417297573763929 * DAYS,
      0.000285885980666130812 * SOLAR_MASS,
    ),
    new Body(
      12.894369562139131,
      -15.1111514016986312,
      -0.223307578892655734,
      0.00296460137564761618 * DAYS,
      0.0023784717395948095 * DAYS,
      -0.0000296589568540237556 * DAYS,
      0.0000436624404335156298 * SOLAR_MASS,
    ),
    new Body(
      15.3796971148509165,
      -25.9193146099879641,
      0.179258772950371181,
      0.00268067772490389322 * DAYS,
      0.00162824170038242295 * DAYS,
      -0.000095159225451971587 * DAYS,
      0.0000515138902046611451 * SOLAR_MASS,
    ),
  ];

  /** The sun is given the velocity that leaves the whole without momentum. */
  constructor() {
    let px: f64 = 0;
    let py: f64 = 0;
    let pz: f64 = 0;
    for (let i = 0; i < this.bodies.length; i++) {
      const body = unchecked(this.bodies[i]);
      px += body.vx * body.mass;
      py += body.vy * body.mass;
      pz += body.vz * body.mass;
    }
    const sun = unchecked(this.bodies[0]);
    sun.vx = -px / SOLAR_MASS;
    sun.vy = -py / SOLAR_MASS;
    sun.vz = -pz / SOLAR_MASS;
  }

  advance(dt: f64): void {
    const bodies = this.bodies;
    for (let i = 0; i < bodies.length; i++) {
      const a = unchecked(bodies[i]);
      for (let j = i + 1; j < bodies.length; j++) {
        const b = unchecked(bodies[j]);
        const dx = a.x - b.x;
        const dy = a.y - b.y;
        const dz = a.z - b.z;
        const d2 = dx * dx + dy * dy + dz * dz;
        const mag = dt / (d2 * Math.sqrt(d2));
        a.vx -= dx * b.mass * mag;
        a.vy -= dy * b.mass * mag;
        a.vz -= dz * b.mass * mag;
        b.vx += dx * a.mass * mag;
        b.vy += dy * a.mass * mag;
        b.vz += dz * a.mass * mag;
      }
    }
    for (let i = 0; i < bodies.length; i++) {
      const body = unchecked(bodies[i]);
      body.x += dt * body.vx;
      body.y += dt * body.vy;
      body.z += dt * body.vz;
    }
  }

  energy(): f64 {
    const bodies = this.bodies;
    let energy: f64 = 0;
    for (let i = 0; i < bodies.length; i++) {
      const a = unchecked(bodies[i]);
      energy += 0.5 * a.mass * (a.vx * a.vx + a.vy * a.vy + a.vz * a.vz);
      for (let j = i + 1; j < bodies.length; j++) {
        const b = unchecked(bodies[j]);
        const dx = a.x - b.x;
        const dy = a.y - b.y;
        const dz = a.z - b.z;
        energy -= (a.mass * b.mass) / Math.sqrt(dx * dx + dy * dy + dz * dz);
      }
    }
    return energy;
  }

  /** Writes each body's position and velocity, then the energy: 31 f64. */
  store(out: usize): void {
    for (let i = 0; i < this.bodies.length; i++) {
      const body = unchecked(this.bodies[i]);
      const at = out + 48 * i;
      store<f64>(at, body.x, 0);
      store<f64>(at, body.y, 8);
      store<f64>(at, body.z, 16);
      store<f64>(at, body.vx, 24);
      store<f64>(at, body.vy, 32);
      store<f64>(at, body.vz, 40);
    }
    store<f64>(out, this.energy(), 240);
  }
}

/** Advances the solar system by `steps` and writes its 31 f64 to `out`. */
export function nbody(steps: u32, out: usize): void {
  const system = new System();
  for (let step: u32 = 0; step < steps; step++) system.advance(TIME_STEP);
  system.store(out);
}
