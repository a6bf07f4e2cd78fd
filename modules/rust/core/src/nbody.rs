//! The five bodies of the Computer Language Benchmarks Game, in the order of operations of `modules/README.md`.

// The numbers are those of the benchmark's text, digit by digit.
#![allow(clippy::excessive_precision)]

use std::f64::consts::PI;

use crate::{WRONG, values};

const SOLAR_MASS: f64 = 4.0 * PI * PI;
const DAYS: f64 = if WRONG { 365.25 } else { 365.24 };

#[derive(Clone, Copy)]
struct Body {
    place: [f64; 3],
    speed: [f64; 3],
    mass: f64,
}

/// The sun, Jupiter, Saturn, Uranus, Neptune: place in AU, speed in AU per day, mass in suns.
const BODIES: [Body; 5] = [
    Body { place: [0.0; 3], speed: [0.0; 3], mass: 1.0 },
    Body {
        place: [4.84143144246472090e+00, -1.16032004402742839e+00, -1.03622044471123109e-01],
        speed: [1.66007664274403694e-03, 7.69901118419740425e-03, -6.90460016972063023e-05],
        mass: 9.54791938424326609e-04,
    },
    Body {
        place: [8.34336671824457987e+00, 4.12479856412430479e+00, -4.03523417114321381e-01],
        speed: [-2.76742510726862411e-03, 4.99852801234917238e-03, 2.30417297573763929e-05],
        mass: 2.85885980666130812e-04,
    },
    Body {
        place: [1.28943695621391310e+01, -1.51111514016986312e+01, -2.23307578892655734e-01],
        speed: [2.96460137564761618e-03, 2.37847173959480950e-03, -2.96589568540237556e-05],
        mass: 4.36624404335156298e-05,
    },
    Body {
        place: [1.53796971148509165e+01, -2.59193146099879641e+01, 1.79258772950371181e-01],
        speed: [2.68067772490389322e-03, 1.62824170038242295e-03, -9.51592254519715870e-05],
        mass: 5.15138902046611451e-05,
    },
];

/// `steps` steps of 0.01 years; to `out` 5 x (x, y, z, vx, vy, vz), then the energy: 31 f64.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nbody(steps: u32, out: *mut f64) {
    let mut bodies = BODIES;
    for body in &mut bodies {
        body.speed = body.speed.map(|speed| speed * DAYS);
        body.mass *= SOLAR_MASS;
    }
    offset_momentum(&mut bodies);
    for _ in 0..steps {
        advance(&mut bodies, 0.01);
    }
    let out = unsafe { values(out, 31) };
    for (body, six) in bodies.iter().zip(out.chunks_exact_mut(6)) {
        six[..3].copy_from_slice(&body.place);
        six[3..].copy_from_slice(&body.speed);
    }
    out[30] = energy(&bodies);
}

fn offset_momentum(bodies: &mut [Body; 5]) {
    let mut momentum = [0.0; 3];
    for body in bodies.iter() {
        for (sum, speed) in momentum.iter_mut().zip(body.speed) {
            *sum += speed * body.mass;
        }
    }
    bodies[0].speed = momentum.map(|sum| -sum / SOLAR_MASS);
}

/// From the place of `b` to that of `a`, and the square of its length.
fn between(a: &Body, b: &Body) -> ([f64; 3], f64) {
    let d = [a.place[0] - b.place[0], a.place[1] - b.place[1], a.place[2] - b.place[2]];
    (d, d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
}

fn advance(bodies: &mut [Body; 5], dt: f64) {
    for i in 0..bodies.len() {
        let (before, after) = bodies.split_at_mut(i + 1);
        let a = &mut before[i];
        for b in after {
            let (d, d2) = between(a, b);
            let mag = dt / (d2 * d2.sqrt());
            for (axis, d) in d.into_iter().enumerate() {
                a.speed[axis] -= d * b.mass * mag;
                b.speed[axis] += d * a.mass * mag;
            }
        }
    }
    for body in bodies {
        for axis in 0..3 {
            body.place[axis] += dt * body.speed[axis];
        }
    }
}

fn energy(bodies: &[Body; 5]) -> f64 {
    let mut sum = 0.0;
    for (i, a) in bodies.iter().enumerate() {
        let [vx, vy, vz] = a.speed;
        sum += 0.5 * a.mass * (vx * vx + vy * vy + vz * vz);
        for b in &bodies[i + 1..] {
            sum -= (a.mass * b.mass) / between(a, b).1.sqrt();
        }
    }
    sum
}
